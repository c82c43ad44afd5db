# SPDX-License-Identifier: Apache-2.0
"""Removes the folder of a run that has died without doing so: keeper.py FOLDER SECONDS

Nothing of a run that is killed with -9 can clean up, so this is a process of its own. Its standard input
is a pipe from the run, which the kernel closes, however the run ends. What the run has started
has been told to end by then (process.py); what still works in the folder after so many seconds is
killed. A person who looks around there has a terminal, and is left alone.
"""

import os
import shutil
import signal
import sys
import time

import process


def workers(folder):
    """Those whose working directory is the folder or in it, or was when there was one."""
    found = []
    for pid, _, _, terminal in process.living():
        try:
            place = os.readlink(f"/proc/{pid}/cwd").removesuffix(" (deleted)")
        except OSError:
            continue  # gone meanwhile, or somebody else's
        if not terminal and (place + "/").startswith(folder + "/"):
            found.append(pid)
    return found


def main():
    folder = os.path.realpath(sys.argv[1])
    sys.stdin.buffer.read()
    end = time.monotonic() + float(sys.argv[2])
    while left := workers(folder):
        for pid in left if time.monotonic() > end else ():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
