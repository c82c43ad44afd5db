# SPDX-License-Identifier: Apache-2.0
"""The last line of a stage that is too long to be silent until its end: as tests/verdict prints it."""

import sys
import time

BEGIN = time.monotonic()


def end(name, passed, failed):
    word = "not ok" if failed or not passed else "ok"
    print(f"{word} {name}: {passed} passed, {failed} failed, {time.monotonic() - BEGIN:.0f} s",
          flush=True)
    sys.exit(0 if word == "ok" else 1)
