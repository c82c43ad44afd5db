# SPDX-License-Identifier: Apache-2.0
"""What every guard needs: the files, C text without comments, and an end.

A guard is run from the top of the checkout, prints one line "file:line: what is wrong" for each
thing it finds and exits 1 if there is any, or if it found nothing to look at.
"""
import glob
import re
import sys

C_FILES = ("mod_items.c", "src/*/*.c", "src/*/*.h")

_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|(?P<text>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.DOTALL)


def files(*patterns):
    """The files that match, in order."""
    return sorted({path for pattern in patterns for path in glob.glob(pattern)})


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def code(text, strings=False):
    """C text with its comments blanked, and what stands in quotes unless `strings`; the lines and
    columns stay what they were."""
    def blank(match):
        word = match.group()
        if match.group("text"):
            return word if strings else word[0] + " " * (len(word) - 2) + word[-1]
        return re.sub(r"[^\n]", " ", word)
    return _TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def allowed(text, line, word):
    """Does the line, or one of the two above it, say "allowed: WORD, REASON" in a comment?"""
    here = " ".join(text.split("\n")[max(0, line - 3):line])
    return re.search(r"allowed: %s, \w" % re.escape(word), here) is not None


def finish(findings, looked_at):
    """End the guard: findings are lines, looked_at is how many things were judged."""
    for finding in findings:
        print(finding)
    if not looked_at:
        print("nothing to look at: this guard checks nothing")
    sys.exit(1 if findings or not looked_at else 0)
