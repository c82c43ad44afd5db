#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make prove`: its stages, whatever fails on the way, and as the very last line "N passed, N failed":
run.py FUZZ_TARGETS STAGE..., with PROVE_MINUTES and PROVE_SECONDS in the environment. What a stage
prints is printed at once."""

import os
import re
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "kit"))

import process  # noqa: E402

VERDICT = re.compile(r"^(?:ok|not ok) .*: (\d+) passed, (\d+) failed, \d+ s$")

# About how many minutes a stage takes on two cores, its builds included.
MINUTES = {"prove-mutate": 18, "prove-pool-debug": 6, "prove-valgrind": 10,
           "prove-oidc-new": 4, "prove-kerberos": 1}


def minutes_of(stage, targets):
    if stage == "prove-soak":
        return float(os.environ["PROVE_MINUTES"]) + 1
    if stage == "prove-fuzz":
        return targets * int(os.environ["PROVE_SECONDS"]) / 60 + 2
    return MINUTES[stage]


def run(stage):
    """(passed, failed) of all its verdicts; without any it has failed."""
    child = subprocess.Popen(process.leashed(["make", "--no-print-directory", "-k", stage]), text=True,
                             env=process.environment(), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    passed = failed = 0
    for line in child.stdout:
        print(line, end="", flush=True)
        match = VERDICT.match(line)
        if match:
            passed, failed = passed + int(match[1]), failed + int(match[2])
    if not failed and (child.wait() or not passed):
        failed = 1
    child.wait()
    return passed, failed


def main():
    process.end_with_parent()
    targets, stages = int(sys.argv[1]), sys.argv[2:]
    print(f"prove: about {sum(minutes_of(stage, targets) for stage in stages):.0f} minutes: " +
          ", ".join(f"{stage[6:]} {minutes_of(stage, targets):.0f}" for stage in stages), flush=True)
    rows = []
    for stage in stages:
        begin = time.monotonic()
        rows.append((stage, *run(stage), time.monotonic() - begin))
    print(f"{'stage':<18}{'passed':>8}{'failed':>8}{'s':>6}")
    for row in rows:
        print(f"{row[0]:<18}{row[1]:>8}{row[2]:>8}{row[3]:>6.0f}")
    failed = sum(row[2] for row in rows)
    print(f"{sum(row[1] for row in rows)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
