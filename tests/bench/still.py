# SPDX-License-Identifier: Apache-2.0
"""What does not depend on how busy the machine is: memory, and system calls per request."""

import json
import os
import re
import shutil
import socket
import subprocess
import time

import calls
import measure
import process
import rows as table

IDLE = (200, 600)  # connections: what the later ones add is theirs alone
HELD = (100, 300)  # requests, likewise
SLOW_MS = 1500  # what their backend takes
PATIENCE = "ItemsTimeout 10s\nItemsConnectTimeout 5s\nItemsAttemptTimeout 5s\n"
TRACED = 40  # requests


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def _connect(port):
    return socket.create_connection(("127.0.0.1", port), 10)


def _send(sock, row):
    method, target, has_body = table.KINDS[row.kind]
    body = json.dumps(table.ITEM).encode() if has_body else b""
    fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: bench\r\n{fields}\r\n".encode() + body)


def _receive(sock):
    """A whole answer, with the length in its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            raise RuntimeError("httpd has closed a connection")
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    if head.split()[1] not in (b"200", b"201"):
        raise RuntimeError(f"answered {head[:60]!r}")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    while len(body) < int(length[1]):
        body += sock.recv(65536)


def _ask(sock, row):
    _send(sock, row)
    _receive(sock)


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
                connections.append(_connect(port))
                _ask(connections[-1], row)
            if not first:
                first = _private(children)
        idle = (_private(children) - first) / (IDLE[1] - IDLE[0])
    finally:
        for connection in connections:
            connection.close()
        server.stop()
    return {"child_resident": resident, "child_private": at_start, "child_loaded": after,
            "idle_connection": idle}


def held_by_requests(bench, row):
    """Bytes that a request holds while its backend takes its time: its thread's stack, its pools, its
    connection to the backend. What the later ones add is theirs alone."""
    server, port = bench.start(row, bench.slow)
    connections = []
    try:
        children = measure.children_of(server.pid)
        while len(connections) < HELD[1]:
            connections.append(_connect(port))
        for connection in connections[:HELD[0]]:
            _send(connection, row)
        time.sleep(SLOW_MS / 2000)
        first = _private(children)
        for connection in connections[:HELD[0]]:
            _receive(connection)
        for connection in connections:
            _send(connection, row)
        time.sleep(SLOW_MS / 2000)
        held = (_private(children) - first) / (HELD[1] - HELD[0])
        for connection in connections:
            _receive(connection)
    finally:
        for connection in connections:
            connection.close()
        server.stop()
    return held


def system_calls_of(bench, row):
    """System calls of one request over a kept connection, by side and name: the medians."""
    server, port = bench.start(row)
    log = os.path.join(bench.folder, "strace")
    connection = _connect(port)
    try:
        bench.load(row, port, 1, 0.5)  # each thread has served some
        _ask(connection, row)
        with calls.Tracer(measure.children_of(server.pid), log, "-yy", "-s", "40"):
            for _ in range(TRACED):
                _ask(connection, row)
    finally:
        connection.close()
        server.stop()
    with open(log, encoding="utf-8", errors="replace") as file:
        found = calls.requests_of(file.read(), port, bench.backend.ports[row.backend])
    if len(found) != TRACED:
        raise RuntimeError(f"strace shows {len(found)} of {TRACED} requests")
    return {f"{side} {name}": count for (side, name), count in calls.typical(found).items()}


def measure_all(bench, results):
    """Memory for the GET rows without a token, system calls for ours of every kind as well; by name.
    What could not be measured is told and left out."""
    found = {"memory": {}, "held": {}, "system_calls": {}, "failed": []}
    for result in results:
        row = result.row
        if result.wrong or row.token or row.late or row.is_peer:
            continue
        key = f"{row.name}, {row.label}"
        measurements = []
        if row.kind == "GET":
            measurements.append(("memory", memory_of))
            if row.server != "memory":
                measurements.append(("held", held_by_requests))
        if row.kind == "GET" or row.server == "items":
            measurements.append(("system_calls", system_calls_of))
        for name, measurement in measurements:
            try:
                found[name][key] = measurement(bench, row)
            except (RuntimeError, OSError, process.ChildDied, subprocess.SubprocessError) as fault:
                found["failed"].append(f"{name} of {key}: {fault}")
    return found
