# SPDX-License-Identifier: Apache-2.0
"""What does not depend on how busy the machine is: memory, and system calls per request."""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import measure
import process
import rows as table

IDLE = (200, 600)  # connections: what the later ones add is theirs alone


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def _ask(port, row):
    """A kept connection that has served one request."""
    method, target, _ = table.KINDS[row.kind]
    sock = socket.create_connection(("127.0.0.1", port), 10)
    sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    if not sock.recv(65536).startswith(b"HTTP/1.1 200"):
        raise RuntimeError("a connection that should stay idle was not served")
    return sock


def _private(pids):
    return sum(map(measure.private_bytes, pids))


def memory_of(bench, row):
    """Bytes: of a child at its start (resident, private), after load, per idle connection."""
    server, port = bench.start(row)
    connections = []
    try:
        children = measure.children_of(server.pid)
        resident = sum(measure.memory(pid, "VmRSS")[0] for pid in children) / len(children)
        at_start = _private(children) / len(children)
        bench.load(row, port, 64, 0.5)
        after = _private(children) / len(children)
        first = 0
        for count in IDLE:
            while len(connections) < count:
                connections.append(_ask(port, row))
            if not first:
                first = _private(children)
        idle = (_private(children) - first) / (IDLE[1] - IDLE[0])
    finally:
        for connection in connections:
            connection.close()
        server.stop()
    return {"child_resident": resident, "child_private": at_start, "child_loaded": after,
            "idle_connection": idle}


def _is_traced(task):
    with open(f"{task}/status", encoding="ascii", errors="replace") as status:
        return re.search(r"^TracerPid:\s+[1-9]", status.read(), re.MULTILINE) is not None


def _wait_traced(pids):
    """Until the tracer has each thread, or counts would miss some."""
    end = time.monotonic() + 30
    for pid in pids:
        for task in glob.glob(f"/proc/{pid}/task/*"):
            while not _is_traced(task):
                if time.monotonic() > end:
                    raise RuntimeError("strace does not get hold of httpd's threads")
                time.sleep(0.01)


def system_calls_of(bench, row):
    """System calls of one request over a kept connection, by name: strace counts, one client."""
    server, port = bench.start(row)
    out = os.path.join(bench.folder, "strace")
    try:
        bench.load(row, port, 1, 0.3)
        command = ["strace", "-f", "-qq", "-c", "-U", "calls,name", "-o", out]
        children = measure.children_of(server.pid)
        for pid in children:
            command += ["-p", str(pid)]
        tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        _wait_traced(children)
        said = bench.load(row, port, 1, 0.7)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)
    finally:
        server.stop()
    with open(out, encoding="ascii") as file:
        counts = {name: int(count) for count, name in
                  re.findall(r"^\s*(\d+)\s+(\w+)$", file.read(), re.MULTILINE)}
    counts.pop("total", None)
    return {name: count / said["requests"] for name, count in counts.items()
            if count / said["requests"] > 0.05}


def measure_all(bench, results):
    """For the GET rows without a token, by name; what could not be measured is told and left out."""
    found = {"memory": {}, "system_calls": {}, "failed": []}
    for result in results:
        row = result.row
        if result.wrong or row.kind != "GET" or row.token or row.late or row.is_peer:
            continue
        key = f"{row.name}, {row.label}"
        for name, measurement in (("memory", memory_of), ("system_calls", system_calls_of)):
            try:
                found[name][key] = measurement(bench, row)
            except (RuntimeError, OSError, process.ChildDied, subprocess.SubprocessError) as fault:
                found["failed"].append(f"{name} of {key}: {fault}")
    return found
