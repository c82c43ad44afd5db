#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make prove-mutate`: every check of a token, taken out, must make a test fail: mutate.py [WORD...]

One check after the other (mutations.py) is taken out of a copy of the tree, which is built and put to
the unit tests of auth and then to the whole-server tests of tokens and authentication, until the first
failure; those that noticed the last one come first. What no test notices has survived, and is a failure. WORDs choose those with a word in their
name or file. Before all others nothing is taken out, and everything must pass.
"""

import os
import shutil
import subprocess
import sys
import time

import verdict
from mutations import MUTATIONS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(ROOT, "tests", "kit"))

import process  # noqa: E402

PARTS = ("src", "tests", "conf", "Makefile", "mod_items.c")
UNITS = ("test_auth_token", "test_auth_claims", "test_auth_kids", "test_auth_memory")
BUILD = "build/mutate"
MAKE = ["make", "--no-print-directory", "-j2", f"B={BUILD}", "CFLAGS=-O0 -g0 -w"]
SERVER_TESTS = [f"tests/http/test_{name}.py" for name in
                ("tokens", "auth", "others", "sessions", "key_ids", "token_memory")]


class Tree:
    def __init__(self, folder):
        self.folder = folder
        self.log = os.path.join(folder, "log")
        self.server_tests = SERVER_TESTS
        for part in PARTS:
            source, target = os.path.join(ROOT, part), os.path.join(folder, part)
            if os.path.isdir(source):
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)
        os.mkdir(os.path.join(folder, "build"))
        for name in ("venv", "dynalite"):
            os.symlink(os.path.join(ROOT, "build", name), os.path.join(folder, "build", name))
        self.env = process.environment()
        self.env.update(ITEMS_MODULE=os.path.join(folder, BUILD, "mod_items.so"), CK_VERBOSITY="silent",
                        PYTHONDONTWRITEBYTECODE="1")

    def runs(self, command, seconds):
        """Did it end well? A test that hangs is one that fails."""
        with open(self.log, "wb") as log:
            try:
                done = subprocess.run(process.leashed(command), cwd=self.folder, env=self.env,
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                                      timeout=seconds, check=False)
            except subprocess.TimeoutExpired:
                return False
        return done.returncode == 0

    def build(self, *targets):
        if not self.runs([*MAKE, *(f"{BUILD}/{target}" for target in targets)], 300):
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise RuntimeError("does not build:\n" + log.read())

    def failing_server_test(self, tests):
        """The first one that fails, and again when it is run alone: one that a busy machine made fail has
        noticed nothing. None when all pass."""
        pytest = ["build/venv/bin/python", "-B", "-m", "pytest", "-q", "-x"]
        for _ in range(3):
            if self.runs([*pytest, *tests], 600):
                return None
            with open(self.log, encoding="utf-8", errors="replace") as log:
                failed = [line for line in log if line.startswith(("FAILED ", "ERROR "))]
            if not failed:
                return "the whole server"
            name = failed[0].split(" - ")[0].partition(" ")[2].strip()
            if not self.runs([*pytest, name], 300):
                return name
        return None

    def failing_test(self):
        """Of them all the first that fails, or None."""
        self.build("mod_items.so", *(f"unit/{unit}" for unit in UNITS))
        for unit in UNITS:
            if not self.runs([f"{BUILD}/unit/{unit}"], 60):
                return unit
        by = self.failing_server_test(self.server_tests)
        if by:
            self.server_tests = sorted(self.server_tests, key=lambda name: not by.startswith(name))
        return by

    def change(self, path, before, after):
        """Returns what undoes it."""
        place = os.path.join(self.folder, path)
        with open(place, encoding="utf-8") as file:
            text = file.read()
        if text.count(before) != 1:
            raise RuntimeError(f"{path} has {before!r} {text.count(before)} times, not once")

        def write(what):
            with open(place, "w", encoding="utf-8") as file:
                file.write(what)

        write(text.replace(before, after))
        return lambda: write(text)


def noticed_by(tree, path, before, after, others=(), tests=()):
    """The test that notices that the check is gone, or None; the tree is as it was behind it."""
    undo = []
    try:
        for other in others:
            undo.append(tree.change(*other))
        if others:
            tree.build("mod_items.so")
            failing = tree.failing_server_test(tests)
            if failing:
                raise RuntimeError(f"without the other check alone {failing} fails")
        undo.append(tree.change(path, before, after))
        if not others:
            return tree.failing_test()
        tree.build("mod_items.so")
        return tree.failing_server_test(tests)
    finally:
        while undo:
            undo.pop()()


def main():
    process.end_with_parent()
    words = sys.argv[1:]
    chosen = [m for m in MUTATIONS if not words or any(word in m[0] or word in m[1] for word in words)]
    passed = failed = 0
    folder = process.public_folder("mod_items-mutate.")
    try:
        tree = Tree(folder)
        by = tree.failing_test()
        if by:
            print(f"nothing is taken out, and {by} fails")
            verdict.end("mutate", 0, 1)
        for name, path, *change in chosen:
            begin = time.monotonic()
            try:
                by = noticed_by(tree, path, *change)
                told = f"noticed by {by}" if by else "SURVIVED"
            except RuntimeError as fault:
                by, told = None, f"IMPOSSIBLE: {fault}"
            passed, failed = passed + (by is not None), failed + (by is None)
            print(f"{path}: without {name}: {told}, {time.monotonic() - begin:.0f} s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    verdict.end("mutate", passed, failed)


if __name__ == "__main__":
    main()
