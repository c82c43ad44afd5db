# SPDX-License-Identifier: Apache-2.0
"""System calls of httpd's workers, request by request, as strace sees them.

Only what a worker itself does from one request to its next is counted. Left out are futex, epoll_wait
and everything of the other threads: how often threads wake each other is the scheduler's to say, and
changes with how busy the machine is. The rest doesn't, so it can be held against a budget.
"""

import collections
import glob
import re
import signal
import subprocess
import time

import process

WAKING = {"futex", "epoll_wait", "epoll_pwait", "restart_syscall", "exit", "exit_group"}
LINE = re.compile(r"(\d+) +(.*)")
BEGUN = re.compile(r"(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"<\.\.\. \w+ resumed>(.*)")
CALL = re.compile(r"([a-z0-9_]+)\(")


def is_traced(task):
    with open(f"{task}/status", encoding="ascii", errors="replace") as status:
        return re.search(r"^TracerPid:\s+[1-9]", status.read(), re.MULTILINE) is not None


class Tracer:
    """with Tracer(pids, file, *more words): strace has every thread of these processes."""

    def __init__(self, pids, log, *how):
        self.pids = pids
        self.command = ["strace", "-f", "-qq", *how, "-o", str(log)]
        for pid in pids:
            self.command += ["-p", str(pid)]

    def __enter__(self):
        self.child = subprocess.Popen(process.leashed(self.command), stdin=subprocess.DEVNULL, text=True,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        for pid in self.pids:
            for task in glob.glob(f"/proc/{pid}/task/*"):
                while not is_traced(task):
                    if self.child.poll() is not None:
                        raise RuntimeError(f"strace can't trace: {self.child.stderr.read()}")
                    if time.monotonic() > end:
                        raise RuntimeError("strace does not get hold of httpd's threads")
                    time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGINT)
        self.child.wait(20)
        self.child.stderr.close()


def completed(text):
    """(thread, call with arguments and result) in the order in which they ended."""
    begun = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        thread, rest = match.groups()
        if unfinished := BEGUN.match(rest):
            begun[thread] = unfinished[1]
        elif resumed := RESUMED.match(rest):
            yield thread, begun.pop(thread, "?(") + resumed[1]
        else:
            yield thread, rest


class Request:
    """line: the request line. calls: counts by (side, name), side one of client, backend, own."""

    def __init__(self, line):
        self.line = line
        self.calls = collections.Counter()


def requests_of(text, port, backend_port):
    """What strace -yy wrote, as requests. port is httpd's, which makes a socket the client's."""
    client, backend = f"<TCP:[127.0.0.1:{port}->", f"->127.0.0.1:{backend_port}]>"
    start = re.compile(r'"((?:GET|HEAD|POST|PUT|DELETE) [^ ]+)')
    found, current = [], {}
    for thread, call in completed(text):
        name = CALL.match(call)
        if not name or name[1] in WAKING:
            continue
        side = "client" if client in call else "backend" if backend in call else "own"
        line = start.search(call) if side == "client" and name[1] in ("read", "recvfrom") else None
        if line:
            current[thread] = Request(line[1])
            found.append(current[thread])
        if thread in current:
            current[thread].calls[side, name[1]] += 1
    return found


def typical(requests):
    """The median of each count, without those that are 0."""
    names = {key for request in requests for key in request.calls}
    middle = {key: sorted(request.calls[key] for request in requests)[len(requests) // 2]
              for key in sorted(names)}
    return {key: count for key, count in middle.items() if count}
