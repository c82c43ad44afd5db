#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make prove-valgrind`: the whole-server suite with httpd and its children under memcheck:
memcheck.py MODULE [NAME...]

The tests must pass, and memcheck must have nothing to say: no use of what is not there or not set, no
block that is definitely lost. What httpd, mod_auth_openidc and the libraries below them lose, and what
is not ours to mend, is named in tests/prove/httpd.supp, each with its reason. NAMEs choose files: read
for tests/http/test_read.py.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

import verdict

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "kit"))

import process  # noqa: E402


def findings(folder):
    """What memcheck wrote, a text for each server that it had something to say about."""
    texts = []
    for path in sorted(glob.glob(os.path.join(folder, "*"))):
        with open(path, encoding="utf-8", errors="replace") as log:
            texts.append(re.sub(r"^==\d+== ?", "", log.read(), flags=re.MULTILINE).strip())
    return [text for text in texts if text]


def main():
    process.end_with_parent()
    folder = process.public_folder("mod_items-memcheck.")
    env = dict(
        os.environ, ITEMS_MODULE=sys.argv[1],
        ITEMS_UNDER="valgrind --quiet --leak-check=full --show-leak-kinds=definite "
        f"--errors-for-leak-kinds=definite --suppressions={ROOT}/tests/valgrind.supp "
        f"--suppressions={ROOT}/tests/prove/httpd.supp --gen-suppressions=all --num-callers=24 "
        f"--keep-debuginfo=yes --log-file={folder}/%p")
    tests = [f"tests/http/test_{name}.py" for name in sys.argv[2:]] or [
        "tests/http", "--ignore=tests/http/test_system_calls.py"]  # it would count memcheck's as well
    try:
        done = subprocess.run(
            process.leashed(["build/venv/bin/python", "-B", "-m", "pytest", "-q", "--timeout=600",
                             *tests]),
            cwd=ROOT, env=env, check=False, stdout=subprocess.PIPE, text=True)
        said = findings(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    counts = dict((word, int(number)) for number, word in
                  re.findall(r"(\d+) (passed|failed|error)", done.stdout.splitlines()[-1]))
    if done.returncode:
        print(done.stdout)
    for text in said:
        print(text + "\n")
    failed = counts.get("failed", 0) + counts.get("error", 0) + len(said)
    verdict.end("valgrind http", counts.get("passed", 0), failed or int(done.returncode != 0))


if __name__ == "__main__":
    main()
