#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions and allocations of one request below httpd, for each route, against budgets.

    counts.py [--write] PROGRAM

PROGRAM is tests/bench/counts.c. Instructions are callgrind's, of requests FEW+1 to MANY; allocations
and their bytes are what the program counted outside of pools. Nothing here reads a clock, so the
numbers are the same on a busy machine. They do depend on the compiler and on which instructions the
processor has: the budgets name a compiler (with another one only allocations are compared), and what
libcrypto and libc pick by processor is held at what every x86-64-v2 has. --write makes the budgets
anew: what is counted now, and 3 % on top of the instructions, but never more than PROMISED.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

BUDGETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "budgets.json")
ROUTES = ("get", "list-20", "list-100", "post", "put", "delete")
MEASURES = ("instructions", "allocations", "bytes")
FEW, MANY = 10, 110
HEAD_ROOM = 1.03
PROMISED = {"get": {"allocations": 0, "bytes": 0}}
LOW = 0.90  # a budget that is used no more than that should be lowered

# SSSE3 and AES-NI stay, AVX and all that came later goes: SHA-256 is then the same code everywhere.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LC_ALL": "C",
    "OPENSSL_ia32cap": "~0x1000000000000000:~0xffffffffffffffff",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-ERMS,-FSRM",
}


def run(command):
    done = subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def instructions(program, route, count):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, route,
             str(count)])
        with open(out, encoding="utf-8", errors="replace") as file:
            match = re.search(r"^(?:totals|summary): (\d+)", file.read(), re.MULTILINE)
    if not match:
        sys.exit("callgrind gave no total")
    return int(match.group(1))


def measure(program, route):
    words = run([program, route, str(MANY)]).split()
    told = dict(zip(words[::2], map(int, words[1::2])))
    few, many = (instructions(program, route, count) for count in (FEW, MANY))
    return {
        "instructions": round((many - few) / (MANY - FEW)),
        "allocations": round(told["allocations"] / told["requests"], 2),
        "bytes": round(told["bytes"] / told["requests"]),
    }


def built_with(program):
    """The machine and the compiler that the program was made for and with."""
    notes = subprocess.run(["readelf", "-p", ".comment", program], text=True, check=True,
                           stdout=subprocess.PIPE).stdout
    compiler = ("clang" if "clang" in notes else "gcc")
    version = re.search(r"clang version (\d+)" if compiler == "clang" else r"GCC: .* (\d+)\.\d+",
                        notes)
    return f"{compiler} {version.group(1) if version else '?'}, {os.uname().machine}"


def write(counted, where):
    budgets = {"for": where}
    for route, numbers in counted.items():
        budgets[route] = dict(numbers, instructions=round(numbers["instructions"] * HEAD_ROOM))
        budgets[route].update(PROMISED.get(route, {}))
    with open(BUDGETS, "w", encoding="utf-8") as out:
        json.dump(budgets, out, indent=2)
        out.write("\n")


def compare(counted, budgets, measures):
    """How many measures keep their budget, and how many don't."""
    failed = 0
    for route, numbers in counted.items():
        for name in measures:
            value, budget = numbers[name], budgets[route][name]
            word = ""
            if value > budget:
                failed += 1
                word = "  OVER ITS BUDGET"
            elif value < budget * LOW:
                word = "  well below: lower the budget (make counts-budgets)"
            print(f"{route:<9} {name:<13} {value:>10} of {budget:>10}{word}")
    return len(counted) * len(measures) - failed, failed


def main():
    words = sys.argv[1:]
    is_write = "--write" in words
    programs = [word for word in words if word != "--write"]
    if len(programs) != 1:
        sys.exit("usage: counts.py [--write] PROGRAM")
    program = os.path.abspath(programs[0])
    where = built_with(program)
    counted = {route: measure(program, route) for route in ROUTES}
    if is_write:
        write(counted, where)
    with open(BUDGETS, encoding="utf-8") as file:
        budgets = json.load(file)
    measures = MEASURES
    if budgets["for"] != where:
        print(f"the budgets are for {budgets['for']}, this is {where}: only allocations compare\n"
              + json.dumps(counted, indent=2))
        measures = ("allocations",)
    passed, failed = compare(counted, budgets, measures)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
