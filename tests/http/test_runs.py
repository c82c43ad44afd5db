# SPDX-License-Identifier: Apache-2.0
"""The kit's promise: of a run nothing is left, neither processes nor files, however it ends."""

import os
import signal
import subprocess
import sys
import time

import keeper
import pytest

# What a run has: servers that start others (httpd its children, node behind a script), one that does
# not listen to SIGTERM, and the folder of all of them. It says its name and waits for its end.
RUN = """
import os, shutil, sys, time
sys.path[:0] = sys.argv[1:]
import dynalite, httpd, process, world

process.end_with_parent()
folder = process.public_folder("mod_items-ends.", patience=1)
try:
    port = process.free_port()
    config = httpd.server_config(module=world.MODULE) + f"Listen 127.0.0.1:{port}\\n"
    httpd.Httpd(folder, config, world.SANITIZER).start(port)
    dynalite.Dynalite(folder).start()
    deaf = os.path.join(folder, "deaf")
    child = process.Child("deaf", ["sh", "-c", "trap '' TERM; touch deaf; sleep 600 & wait; sleep 600"],
                          env={"PATH": "/usr/bin:/bin"}, folder=folder, log=os.devnull)
    child.wait_until(lambda: os.path.exists(deaf))
    print(folder, flush=True)
    time.sleep(600)
finally:
    shutil.rmtree(folder)
"""


def wait_until(is_so):
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def start():
    """start(command...): the run, as that command's argument; the command and the folder."""
    started = []

    def begin(*command):
        started.append(subprocess.Popen(
            [*command, sys.executable, "-B", "-c", RUN, *sys.path[:2]], text=True,
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL))
        folder = started[-1].stdout.readline().strip()
        assert folder
        return started[-1], folder

    yield begin
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.mark.parametrize("how", ["killed", "told", "orphaned"])
def test_nothing_is_left(start, how):
    command = ["sh", "-c", '"$@"; exit 1', "sh"] if how == "orphaned" else []
    run, folder = start(*command)
    assert len(keeper.workers(folder)) >= 5  # httpd and its children, node, the deaf one and its sleep
    run.send_signal(signal.SIGTERM if how == "told" else signal.SIGKILL)
    wait_until(lambda: not os.path.exists(folder))
    wait_until(lambda: not keeper.workers(folder))
