# SPDX-License-Identifier: Apache-2.0
"""Child processes that end with us, whatever ends us, and a folder that goes with us.

Each child has a session of its own, so that a terminal's Ctrl-C reaches only us
and we stop them in order; and the kernel sends it SIGTERM should we die without
having done so (leashed). We in turn end in order when whoever started us dies
(end_with_parent). What is left all the same, keeper.py ends; it removes the folder.
"""

import collections
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Ctrl-C, a closed terminal, kill, and the death of whoever started us: all of them are a
    KeyboardInterrupt. Only the first counts: we are at it then."""

    def stop(number, _frame):
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, stop)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def environment():
    """Ours, without what a make that has started us says to those below it."""
    return {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")}


def leashed(argv):
    """This command, to be sent SIGTERM by the kernel when the thread that starts it has died (prctl(2),
    PR_SET_PDEATHSIG; setpriv is util-linux's). The shell is for a parent that dies before setpriv
    has said so. What the command starts is its own affair: no script that only calls a program."""
    return ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--", "/bin/sh", "-c",
            'test $PPID = "$0" && exec "$@"', str(os.getpid()), *argv]


def node_behind(path):
    """The program itself where node may be a script that runs it, as PyPI's wheel has it."""
    return subprocess.run([path, "-p", "process.execPath"], check=True, timeout=30, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.strip()


def living():
    """(pid, parent, session, terminal) of each process of this machine, from /proc/PID/stat."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:
                # behind the name, which may hold anything
                state, *numbers = stat.read().rpartition(b")")[2].split()[:5]
        except OSError:
            continue  # gone meanwhile
        if state != b"Z":
            parent, _, session, terminal = map(int, numbers)
            yield int(name), parent, session, terminal


class ChildDied(Exception):
    pass


class Child:
    def __init__(self, name, argv, *, env, folder, log, pass_fds=()):
        self.name = name
        self.log = log
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                leashed(argv),
                env=env,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=pass_fds,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def log_tail(self, lines=15):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except OSError:
            return ""

    def wait_until(self, ready, seconds=20):
        """Poll ready() until it is true; ChildDied when the child ends first, or time runs out."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise ChildDied(
                    f"{self.name} ended with status {self.process.returncode}:\n{self.log_tail()}"
                )
            if time.monotonic() > end:
                raise ChildDied(f"{self.name} is not ready after {seconds} s:\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self, how=signal.SIGTERM, seconds=10):
        """End it and all that it started; its exit status."""
        if self.alive():
            self.process.send_signal(how)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # leftovers of its session, if any
        except ProcessLookupError:
            pass
        return self.process.wait()


KEEPERS = []  # their standard input is closed when we die, not before


def public_folder(prefix, patience=10):
    """A new folder that every user may go into: httpd's children are not root. Should we die without
    having removed it, its keeper does, and ends what is still at work there after so many seconds."""
    base = tempfile.gettempdir()
    if os.geteuid() == 0 and not _is_open(base):
        base = "/tmp"
    folder = tempfile.mkdtemp(prefix=prefix, dir=base)
    os.chmod(folder, 0o755)
    keeper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keeper.py")
    KEEPERS.append(subprocess.Popen(
        [sys.executable, "-B", keeper, folder, str(patience)], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", start_new_session=True))
    return folder


def _is_open(folder):
    path = os.path.realpath(folder)
    while os.stat(path).st_mode & 0o001:
        if path == "/":
            return True
        path = os.path.dirname(path)
    return False


def listener():
    """A listening socket on 127.0.0.1, on a port of the system's choice."""
    return socket.create_server(("127.0.0.1", 0), backlog=256)


# Sockets of ports that were given away and that a server may not have bound yet. One that is bound but does
# not listen keeps the kernel from giving its port to somebody else, and does not keep out a server that
# sets SO_REUSEADDR as well, which all of ours do.
HELD = collections.deque(maxlen=64)


def free_port(wish=0):
    """A port nobody listens on: the wished one if it is free."""
    for port in (wish, 0) if wish else (0,):
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        if len(HELD) == HELD.maxlen:
            HELD[0].close()
        HELD.append(held)
        return held.getsockname()[1]
    raise OSError("no free port on 127.0.0.1")


def answers(port):
    """Does an HTTP server answer there? (A listening port alone may belong to one that is still
    starting.)"""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as sock:
            sock.settimeout(5)
            sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return bool(sock.recv(1))
    except OSError:
        return False
