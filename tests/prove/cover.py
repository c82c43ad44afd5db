#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make cover`: what the tests run of each source file, in lines and branches, and the floors below
which that must not fall: cover.py BUILD

BUILD is a build with PROFILE=cover. Unit tests, replay and the whole-server suite run from it and
add to one set of counters; gcov reads them. httpd's children are not root and end at different times,
so the counters lie in a folder of their own (GCOV_PREFIX), as files made beforehand that everybody
may write; libgcov locks each while it adds. A process that is killed adds nothing: the suite stops
httpd in order. A branch counts when it was taken both ways, as gcov sees the machine's branches.

The last line is a verdict as tests/verdict prints it: one check for each floor and measure, and one
for the tests having passed.
"""

import json
import os
import shutil
import subprocess
import sys

import verdict

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "kit"))

import process  # noqa: E402

# Percent of lines and of branches; None: told, not judged.
FLOORS = {
    "base": (95, 80),
    "net": (95, 80),
    "aws": (95, 80),
    "auth": (95, 80),
    "dynamo": (95, 80),
    "items": (95, 80),
    "httpd": (85, None),  # mod_items.c with it
}


def floor_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 1 else "httpd"


def prepare(build, place):
    """The notes beside counters that are still empty: [the counters of each object file]."""
    counters = []
    for folder, _, names in os.walk(os.path.join(build, "obj")):
        inside = place + folder
        os.makedirs(inside, exist_ok=True)
        for name in names:
            if name.endswith(".gcno"):
                stem = os.path.join(inside, name[:-5])
                shutil.copy(os.path.join(folder, name), stem + ".gcno")
                with open(stem + ".gcda", "wb") as empty:
                    os.fchmod(empty.fileno(), 0o666)
                counters.append(stem + ".gcda")
    return sorted(counters)


def run_tests(build, place):
    """Their verdicts go to our output; whether all passed."""
    env = process.environment()
    env.update(GCOV_PREFIX=place, ITEMS_HTTPD_ENV=f"GCOV_PREFIX={place}")
    command = ["make", "--no-print-directory", "-k", "PROFILE=cover", f"B={os.path.relpath(build)}",
               "unit", "replay", "check-http"]
    return subprocess.run(process.leashed(command), env=env, check=False).returncode == 0


def counted(counters, place):
    """{file of the project: ({line: count}, [(line, count) of each branch])}, by gcov's own reading."""
    for path in counters:
        if not os.path.getsize(path):
            os.unlink(path)  # never run: gcov then goes by the notes alone
    done = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout",
                           *(path[:-5] + ".gcno" for path in counters)],
                          stdout=subprocess.PIPE, check=True, cwd=place)
    files = {}
    for text in done.stdout.splitlines():
        data = json.loads(text)
        for file in data["files"]:
            path = os.path.relpath(os.path.join(data["current_working_directory"], file["file"]), ROOT)
            if not path.endswith(".c") or path.startswith(".."):
                continue
            lines, branches = files.setdefault(path, ({}, []))
            for line in file["lines"]:
                number = line["line_number"]
                lines[number] = lines.get(number, 0) + line["count"]
                branches += [(number, branch["count"]) for branch in line["branches"]]
    return files


def percent(hit, of):
    return 100.0 * hit / of if of else 100.0


def row(name, sums, verdict=""):
    return (f"{name:<28}{sums[1]:>7}{percent(sums[0], sums[1]):>9.1f}"
            f"{sums[3]:>10}{percent(sums[2], sums[3]):>9.1f}  {verdict}").rstrip()


def judge(files):
    """The table; (passed, failed) of the floors."""
    floors = {}
    print(f"{'file':<28}{'lines':>7}{'% run':>9}{'branches':>10}{'% taken':>9}")
    for path in sorted(files):
        lines, branches = files[path]
        sums = (sum(count > 0 for count in lines.values()), len(lines),
                sum(count > 0 for _, count in branches), len(branches))
        print(row(path, sums))
        total = floors.setdefault(floor_of(path), [0, 0, 0, 0])
        for i, value in enumerate(sums):
            total[i] += value
    print()
    passed = failed = 0
    for floor, wanted in FLOORS.items():
        sums = floors.pop(floor, (0, 0, 0, 0))
        words = []
        for what, want, hit, of in (("lines", wanted[0], *sums[:2]), ("branches", wanted[1], *sums[2:])):
            if want is None:
                continue
            fine = of > 0 and percent(hit, of) >= want
            passed, failed = passed + fine, failed + (not fine)
            words.append(f"{what} {'>=' if fine else 'BELOW'} {want}")
        print(row(floor, sums, ", ".join(words)))
    for floor in floors:
        print(f"{floor}: no floor is set for it")
        failed += 1
    return passed, failed


def missed(files):
    """For V=1: the lines and branches that no test reaches."""
    for path in sorted(files):
        lines, branches = files[path]
        for number in sorted(set(lines) | {number for number, _ in branches}):
            never = sum(count == 0 for at, count in branches if at == number)
            if lines.get(number) == 0:
                print(f"{path}:{number}: never run")
            elif never:
                print(f"{path}:{number}: {never} of "
                      f"{sum(at == number for at, _ in branches)} branches never taken")


def main():
    build = os.path.abspath(sys.argv[1])
    os.chdir(ROOT)
    process.end_with_parent()
    place = process.public_folder("mod_items-cover.")
    try:
        counters = prepare(build, place)
        fine = run_tests(build, place)
        files = counted(counters, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if os.environ.get("V"):
        missed(files)
    passed, failed = judge(files)
    if not fine:
        print("a test failed: see above")
    verdict.end("cover", passed + fine, failed + (not fine))


if __name__ == "__main__":
    main()
