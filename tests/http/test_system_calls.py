# SPDX-License-Identifier: Apache-2.0
"""System calls of a request over kept connections, for each route, over a plain and a TLS backend,
against budgets: system_calls.json, which ITEMS_BUDGETS=write makes anew."""

import json
import os
import re
import socket
import warnings

import calls
import pytest
from client import request_bytes
from tables import clear, fill, put

BUDGETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "system_calls.json")
THREADS = 25  # of the server under the event MPM
COUNT = 30  # requests of a route; what is judged is the median
BODY = b'{"name":"n","description":"d"}'
ROUTES = {
    "get": ("GET", "/items/sys", b""),
    "list": ("GET", "/items?limit=20", b""),
    "post": ("POST", "/items", BODY),
    "put": ("PUT", "/items/sys", BODY),
    "delete": ("DELETE", "/items/none", b""),
}
# The allocator's, in which sanitizers have a share.
MEMORY = {"mmap", "munmap", "mremap", "madvise", "brk"}
SANITIZED = bool(os.environ.get("ITEMS_PRELOAD", "").strip())


class Kept:
    """A kept connection; a request leaves in one piece, so that it is read in one."""

    def __init__(self, world, host):
        self.host = host
        self.sock = socket.create_connection(("127.0.0.1", world.port), 30)

    def __call__(self, route):
        method, path, body = ROUTES[route]
        fields = ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        self.sock.sendall(request_bytes(method, path, fields, body, host=self.host + ".test"))
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.sock.recv(65536)
        head, _, rest = data.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        while len(rest) < length:
            rest += self.sock.recv(65536)
        assert head.split()[1] in (b"200", b"201"), head


def counted(world, tmp_path, host, backend):
    """{route: {"side name": calls}}, the medians."""
    kept = Kept(world, host)
    # What a thread does once (OpenSSL's random numbers) is over when each has served some.
    for route in ("get", *["post"] * THREADS * 4):
        kept(route)
    log = tmp_path / "strace"
    with calls.Tracer([int(pid) for pid in world.children()], log, "-yy", "-s", "40"):
        for route in ROUTES:
            for _ in range(COUNT):
                kept(route)
    text = log.read_text(encoding="utf-8", errors="replace")
    requests = calls.requests_of(text, world.port, backend.port)
    found = {}
    for route, (method, path, _) in ROUTES.items():
        own = [request for request in requests if request.line == f"{method} {path}"]
        assert len(own) == COUNT, (route, len(own))
        found[route] = {f"{side} {name}": count
                        for (side, name), count in calls.typical(own).items()
                        if not (SANITIZED and name in MEMORY)}
    return found


@pytest.mark.parametrize("backend", ["plain", "tls"])
def test_system_calls(world, tmp_path, backend):
    host = {"plain": "public", "tls": "publictls"}[backend]
    clear(world, "items")
    fill(world, "items", 20)
    put(world, "items", id="sys", name="n")
    found = counted(world, tmp_path, host, world.strict[{"plain": "items", "tls": "tls"}[backend]])
    try:
        with open(BUDGETS, encoding="utf-8") as file:
            budgets = json.load(file)
    except FileNotFoundError:
        budgets = {}
    if os.environ.get("ITEMS_BUDGETS") == "write":
        budgets[backend] = found
        with open(BUDGETS, "w", encoding="utf-8") as out:
            json.dump(budgets, out, indent=2, sort_keys=True)
            out.write("\n")
    over = [
        f"{route}: {count} x {name}, the budget is {budgets[backend][route].get(name, 0)}"
        for route, numbers in found.items() for name, count in numbers.items()
        if count > budgets[backend][route].get(name, 0)
    ]
    assert not over, "\n".join(over)
    for route, numbers in budgets[backend].items():
        for name, budget in numbers.items():
            if found[route].get(name, 0) < budget:
                warnings.warn(f"{route}: {name} below its budget, which is to be lowered")
