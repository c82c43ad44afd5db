# SPDX-License-Identifier: Apache-2.0
"""What is measured of a server: its processes' CPU time and memory, and what wrk says."""

import http.client
import json
import os
import signal
import subprocess
import time

import process

HERE = os.path.dirname(os.path.abspath(__file__))


def children_of(pid):
    return [child for child, parent, _, _ in process.living() if parent == pid]


def tree_of(pid):
    """The process and all that it started, and they."""
    found = [pid]
    for child in children_of(pid):
        found += tree_of(child)
    return found


def cpu_ns(pids):
    """User and system time of the processes with all their threads: what /proc/PID/stat has as utime
    and stime, in nanoseconds instead of ticks of 10 ms (clock_getcpuclockid(3))."""
    cpuclock_sched = 2
    return sum(time.clock_gettime_ns((~pid << 3) | cpuclock_sched) for pid in pids)


class Meter:
    """Who used the processors since it was made: what was spent, and the share of all that went to
    processes that are not ours, which is how far a number can be trusted."""

    def __init__(self, servers, others_of_ours):
        self.servers = servers
        self.ours = others_of_ours
        self.begin = self._read()

    def _read(self):
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = list(map(int, stat.readline().split()[1:9]))
        tick = 1 / os.sysconf("SC_CLK_TCK")
        idle = ticks[3] + ticks[4]
        waited = os.times()
        return (cpu_ns(self.servers) / 1e9, cpu_ns(self.ours) / 1e9,
                waited.children_user + waited.children_system,  # wrk's
                (sum(ticks) - idle) * tick, sum(ticks) * tick)

    def read(self):
        """Seconds of the servers; the share of others, 0 to 1."""
        servers, ours, load, busy, whole = (
            after - before for after, before in zip(self._read(), self.begin))
        return servers, max(0.0, busy - servers - ours - load) / whole if whole else 0.0


def memory(pid, *names):
    """Lines of /proc/PID/status in bytes: VmHWM is the peak of what was resident."""
    found = {}
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            name, _, rest = line.partition(":")
            if name in names:
                found[name] = int(rest.split()[0]) * 1024
    return [found[name] for name in names]


def private_bytes(pid):
    """What is this process's alone, of what it has in memory."""
    total = 0
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
        for line in rollup:
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1]) * 1024
    return total


class Answer:
    def __init__(self, port, method, target, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        self.status = response.status
        self.body = response.read()
        connection.close()


def wrk(port, request, clients, seconds):
    """Load for that many seconds, parts of one as well: wrk itself knows whole ones only, but ends in
    order when it is interrupted. What it counted; latencies in microseconds. request: method, target,
    file of the body or None, headers."""
    method, target, body_file, headers = request
    words = [method]
    if body_file:
        words.append(body_file)
    words += [f"{name}:{value}" for name, value in headers.items()]
    return run_wrk("load.lua", f"http://127.0.0.1:{port}{target}", words, clients, seconds)


def run_wrk(script, url, words, clients, seconds):
    command = ["wrk", "-t1", f"-c{clients}", "-d600s", "--timeout", "10s", "-s",
               os.path.join(HERE, script), url, "--", *words]
    child = subprocess.Popen(process.leashed(command), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=30)
    finally:  # whatever ends us, the load ends as well
        child.kill()
        child.wait()
    lines = [line for line in said.splitlines() if line.startswith("{")]
    if child.returncode or not lines:
        raise RuntimeError(f"wrk: {said[-500:]}")
    return json.loads(lines[-1])


def errors_of(said):
    """What wrk counted that should not be, as words; "" when all is well."""
    names = ("connect", "read", "write", "status", "timeout")
    return ", ".join(f"{said[name]} x {name}" for name in names if said[name])
