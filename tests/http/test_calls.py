# SPDX-License-Identifier: Apache-2.0
"""What a request costs at DynamoDB: calls and connections. System calls: test_system_calls.py."""

import pytest
from client import Client, raw
from tables import put


def test_one_call_per_request(world, client):
    put(world, "items", id="one", name="n")
    client("GET", "/items/one")
    client("HEAD", "/items/one")
    client("GET", "/items?limit=1")
    client("PUT", "/items/one", {"name": "m"})
    client("DELETE", "/items/one")
    client("POST", "/items", {"name": "n"})
    assert world.strict["items"].operations() == [
        "GetItem", "GetItem", "Scan", "UpdateItem", "DeleteItem", "PutItem",
    ]


def test_a_thousand_gets_over_one_connection(world, client):
    put(world, "items", id="thousand", name="n")
    before = world.strict["items"].accepted
    for _ in range(1000):
        assert client("GET", "/items/thousand").status == 200
    calls = world.strict["items"].calls
    assert len(calls) == 1000
    assert len({call.connection for call in calls}) == 1
    assert world.strict["items"].accepted - before <= 1


def test_a_thousand_gets_over_one_tls_connection(world, at):
    put(world, "items", id="thousand", name="n")
    call = at("tls")
    for _ in range(200):
        assert call("GET", "/items/thousand").status == 200
    assert len({call.connection for call in world.strict["tls"].calls}) == 1


REFUSED = [
    ("GET", "/items?limit=x", None, {}, 400),
    ("GET", "/items?lastKey=x", None, {}, 400),
    ("POST", "/items", b"{", {}, 400),
    ("POST", "/items", b"{}", {}, 400),
    ("POST", "/items", b"{}", {"Content-Type": "text/plain"}, 415),
    ("POST", "/items", b"x" * 1_100_000, {}, 413),
    ("PUT", "/items/x", b'{"name":""}', {}, 400),
    ("GET", "/items/", None, {}, 404),
    ("GET", "/items/a/b", None, {}, 404),
    ("GET", "/items/%00", None, {}, 404),
    ("POST", "/items/x", b'{"name":"a"}', {}, 405),
    ("PUT", "/items", b'{"name":"a"}', {}, 405),
    ("DELETE", "/items", None, {}, 405),
    ("BREW", "/items/x", None, {}, 405),
    ("TRACE", "/items", None, {}, 405),
    ("GET", "/items", None, {"Expect": "tea"}, 417),
    ("OPTIONS", "/items", None, {}, 204),
]


@pytest.mark.parametrize("method, path, body, headers, status", REFUSED)
def test_a_refused_request_makes_no_call(world, method, path, body, headers, status):
    fields = [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        fields.append(f"Content-Length: {len(body)}")
    reply = raw(world.port, method, path, fields, body or b"", token=world.token)
    if status == 404 and reply.status == 400:
        status = 400  # an escape that httpd refuses by itself
    assert reply.status == status, reply
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "BREW", "PATCH"])
@pytest.mark.parametrize("path", ["/items", "/items/x", "/items/", "/items?limit=x"])
def test_a_stranger_makes_no_call(world, method, path):
    reply = raw(world.port, method, path)
    assert reply.status == 401
    assert world.strict["items"].calls == []


def test_kept_connections_are_few(world):
    """Sequential requests of several clients share what is kept."""
    put(world, "items", id="few", name="n")
    clients = [Client(world.port, token=world.token) for _ in range(5)]
    for _ in range(20):
        for call in clients:
            call("GET", "/items/few")
    for call in clients:
        call.close()
    assert len({call.connection for call in world.strict["items"].calls}) == 1
