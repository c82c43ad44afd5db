# SPDX-License-Identifier: Apache-2.0
"""What a hostile answer may cost: 20 MB while it is read, both attempts together, and next to nothing
afterwards."""

import os
import subprocess
import time

import faults as f
import httpd
import pytest
from tables import put
from world import SANITIZER

MB = 1024 * 1024
PEAK, REST = 20 * MB, 6 * MB
JSON_TYPE = "Content-Type: application/x-amz-json-1.0\r\n"


def status(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))


def whole(body, length=None):
    """A 200 with this much of a body that is announced to be `length` bytes."""
    head = f"HTTP/1.1 200 OK\r\n{JSON_TYPE}Content-Length: {length or len(body)}\r\n\r\n"
    return f.raw(head.encode() + body)


def chunks(megabytes, end=b""):
    block = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = f"HTTP/1.1 200 OK\r\n{JSON_TYPE}Transfer-Encoding: chunked\r\n\r\n"
    return f.raw(head.encode() + block * (megabytes * 16) + end)


def item(megabytes, end):
    """An item of one long string, which is right up to its end."""
    return whole(b'{"Item":{"id":{"S":"f"},"name":{"S":"' + b"x" * (megabytes * MB - 100) + b'"}}' + end)


def page(megabytes, end):
    one = b'{"id":{"S":"f"},"name":{"S":"' + b"x" * (400 * 1024) + b'"}},'
    return whole(b'{"Items":[' + (one * (megabytes * MB // len(one)))[:-1] + end)


HOSTILE = [
    ("announced", f.huge(), "/items/f"),
    ("endless", f.endless_chunks, "/items/f"),
    ("all that an item may have", chunks(4, b"0\r\n\r\n"), "/items/f"),
    ("a lie", whole(b"x" * MB, 4 * MB), "/items/f"),
    ("an item", item(4, b"x"), "/items/f"),
    ("an item of escapes", whole(b'{"Item":{"id":{"S":"' + b"\\u0001" * 600_000 + b'"}}}'), "/items/f"),
    ("all that a page may have", chunks(8, b"0\r\n\r\n"), "/items"),
    ("a page", page(7, b"]x"), "/items?limit=100"),
    ("a page beyond", page(9, b"]}"), "/items?limit=100"),
]


@pytest.mark.parametrize("name, fault, path", HOSTILE, ids=[h[0] for h in HOSTILE])
def test_a_hostile_answer_costs_little(world, at, name, fault, path):
    put(world, "items", id="f", name="n")
    call = at("patient")
    assert call("GET", "/items/f").status == 200
    children = world.children()
    before = sum(status(pid, "VmRSS") for pid in children)
    for pid in children:
        with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")  # VmHWM begins anew: proc(5)
    world.strict["faulty"].play(fault, fault)
    assert call("GET", path).status in (502, 503)
    peak = sum(status(pid, "VmHWM") for pid in children) - before
    world.expect("ITEMS100")
    if SANITIZER:
        return  # its shadow and its quarantine are memory as well
    assert peak <= PEAK, f"{peak / MB:.1f} MB at the peak"
    end = time.monotonic() + 5  # it is given back behind the answer
    while (rest := sum(status(pid, "VmRSS") for pid in children) - before) > REST:
        assert time.monotonic() < end, f"{rest / MB:.1f} MB are left"
        time.sleep(0.02)


def limit_address_space(pid, size):
    """As whom the child runs: who is root in a container may not change others' limits."""
    user = ["setpriv", "--reuid", "www-data", "--regid", "www-data", "--clear-groups"]
    command = ["prlimit", "--pid", str(pid), f"--as={size}:"]
    subprocess.run([*(user if os.geteuid() == 0 else []), *command], check=True)


@pytest.mark.parametrize("room, words", [(3 * MB, "no memory for the answer"),
                                         (10 * MB, "no memory for the items of an answer")])
def test_no_memory_for_a_large_answer(world, at, room, words):
    """It is answered with an error, and nobody else's request ends with it."""
    if SANITIZER or httpd.UNDER:
        return  # what they need themselves would be missing
    put(world, "items", id="f", name="n")
    call = at("patient")
    assert call("GET", "/items/f").status == 200
    children = world.children()
    large = page(7, b"]}")
    world.strict["faulty"].play(large, large)
    try:
        for pid in children:
            limit_address_space(pid, status(pid, "VmSize") + room)
        assert call("GET", "/items?limit=100").status == 500
    finally:
        for pid in set(children) & set(world.children()):
            limit_address_space(pid, "unlimited")
    world.strict["faulty"].clear()
    assert call("GET", "/items/f").status == 200
    assert world.children() == children
    log = world.log_since_begin()
    assert words in log and "attempts=1 " in log
    world.expect("ITEMS1001")
