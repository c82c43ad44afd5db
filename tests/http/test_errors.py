# SPDX-License-Identifier: Apache-2.0
"""Error answers have one shape, whoever made them: we, httpd, or mod_auth_openidc."""

import re
import socket
import time

import pytest
from client import Client, exchange, parse, raw, request_bytes

CODES = {
    400: "bad_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed",
    408: "request_timeout", 413: "body_too_large", 414: "uri_too_long",
    417: "expectation_failed", 431: "headers_too_large", 501: "not_implemented",
    505: "bad_request",
}


def check_shape(reply, status, code=None):
    assert reply.status == status, reply
    assert reply.header("Content-Type") == "application/json", reply
    body = reply.json
    assert list(body)[:4] == ["error", "message", "code", "requestId"]
    assert body["error"] == body["message"] and body["error"]
    assert body["code"] == (code or CODES[status])
    assert re.fullmatch("[A-Za-z0-9._-]{1,128}", body["requestId"])
    assert reply.header("X-Request-Id") == body["requestId"]
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("Cache-Control") == "no-store"
    assert "<" not in reply.body.decode() and "Apache" not in reply.body.decode()


# Of httpd's own making: our handler never sees these.
OWN = [
    ("bad escape", "GET", "/items/%zz", [], 400),
    ("no header", "GET", "/items/a", ["no colon"], 400),
    ("blank before the colon", "GET", "/items/a", ["X-A : b"], 400),
    ("control byte in a header", "GET", "/items/a", [b"X-A: \x01"], 400),
    ("bad expectation", "GET", "/items/a", ["Expect: tea"], 417),
    ("two Hosts", "GET", "/items/a", ["Host: other.test"], 400),
    ("bad length", "POST", "/items", ["Content-Length: x"], 400),
    ("negative length", "POST", "/items", ["Content-Length: -1"], 400),
    ("two lengths", "POST", "/items", ["Content-Length: 1", "Content-Length: 2"], 400),
    ("unknown coding", "POST", "/items", ["Transfer-Encoding: tea"], 400),
    ("long header", "GET", "/items/a", ["X-A: " + "x" * 9000], 400),
    ("too many headers", "GET", "/items/a", [f"X-{i}: x" for i in range(120)], 400),
    ("long path", "GET", "/items/" + "x" * 9000, [], 414),
    ("long query", "GET", "/items?lastKey=" + "x" * 9000, [], 414),
    ("trace", "TRACE", "/items/a", [], 405),
    ("bad version", "GET", "/items/a", [], 400),
]


@pytest.mark.parametrize("name, method, path, headers, status", OWN, ids=[o[0] for o in OWN])
def test_httpds_own(world, name, method, path, headers, status):
    version = "HTTP/1.x" if name == "bad version" else "HTTP/1.1"
    body = b"x" if "length" in name or "coding" in name else b""
    reply = raw(world.port, method, path, headers, body, token=world.token, version=version)
    check_shape(reply, status)
    assert world.strict["items"].calls == []


def test_no_host(world):
    check_shape(raw(world.port, "GET", "/items/a", host=None), 400)


def test_the_bodys_limits(world):
    """LimitRequestBody is httpd's, ItemsBodyLimit is ours; announced and in chunks."""
    announced = ["Content-Length: 5000", "Content-Type: application/json"]
    chunked = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
    chunk = b"1000\r\n" + b" " * 4096 + b"\r\n0\r\n\r\n"
    for host in ("limited.test", "small.test"):
        reply = raw(world.port, "POST", "/items", announced, b" " * 5000, host=host,
                    token=world.token)
        check_shape(reply, 413)
        reply = raw(world.port, "POST", "/items", chunked, chunk, host=host, token=world.token)
        check_shape(reply, 413)


def test_a_bad_chunk(world):
    headers = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
    for data in (b"zz\r\n", b"-1\r\n", b"fffffffffffffffff\r\nx", b"5\r\nab\r\n0\r\n\r\n"):
        replies = parse(exchange(
            world.port, request_bytes("POST", "/items", headers, data, token=world.token), 3
        ))
        assert [reply.status for reply in replies][:1] in ([400], [413], []), data


def test_a_cut_body(world):
    request = request_bytes(
        "POST", "/items", ["Content-Length: 100"], b'{"name":', token=world.token
    )
    with socket.create_connection(("127.0.0.1", world.port), 10) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        data = b""
        while block := sock.recv(65536):
            data += block
    for reply in parse(data):
        check_shape(reply, 400)
    assert world.strict["items"].calls == []


def test_a_slow_body(world):
    """RequestReadTimeout is body=2 here."""
    request = request_bytes(
        "POST", "/items", ["Content-Length: 100"], b'{"name":', host="slow.test",
        token=world.token,
    )
    begin = time.monotonic()
    (reply,) = parse(exchange(world.port, request, 15))
    check_shape(reply, 408)
    assert time.monotonic() - begin < 10


def test_tokens(world, client):
    check_shape(client("GET", "/items", token=None), 401)
    check_shape(client("GET", "/items", token="junk"), 401)


def test_methods(client):
    for method in ("BREW", "PATCH", "get", "PROPFIND"):
        reply = client(method, "/items")
        check_shape(reply, 405)
        assert reply.header("Allow") == "GET, HEAD, POST, OPTIONS"
        reply = client(method, "/items/x")
        check_shape(reply, 405)
        assert reply.header("Allow") == "GET, HEAD, PUT, DELETE, OPTIONS"


def test_paths(client):
    check_shape(client("GET", "/items/"), 404)
    check_shape(client("GET", "/items/a/b"), 404)
    check_shape(client("GET", "/items/nobody"), 404, "item_not_found")


def test_problem_json(client):
    """RFC 9457, where it is preferred."""
    accept = {"Accept": "application/problem+json, application/json;q=0.5"}
    for reply in (
        client("GET", "/items/nobody", headers=accept),
        client("GET", "/items", headers=accept, token=None),
    ):
        assert reply.header("Content-Type") == "application/problem+json"
        body = reply.json
        assert body["status"] == reply.status
        assert body["type"] == "about:blank" and body["title"] and body["detail"]
        assert body["requestId"] == reply.header("X-Request-Id")
    for accept in ("*/*", "application/json", "application/problem+json, application/json",
                   "application/problem+json;q=0", "text/html", ""):
        reply = client("GET", "/items/nobody", headers={"Accept": accept})
        assert reply.header("Content-Type") == "application/json", accept


def test_request_ids(client):
    for given in ("abc-123._X", "a", "x" * 128):
        reply = client("GET", "/items/nobody", headers={"X-Request-Id": given})
        assert reply.header("X-Request-Id") == given == reply.json["requestId"]
    for given in ("", "x" * 129, "a b", "a/b", "<x>", "ü", "a;b"):
        reply = client("GET", "/items/nobody", headers={"X-Request-Id": given.encode()})
        assert reply.header("X-Request-Id") != given
    made = {client("GET", "/items/nobody").header("X-Request-Id") for _ in range(20)}
    assert len(made) == 20


def test_the_connection_lives_on(world, client):
    """An error with an unread body does not derail what comes next on the connection."""
    item = client.create()
    connection = client.connection
    for _ in range(3):
        assert client("POST", "/items/x", b"x" * 5000).status == 405
        assert client("POST", "/items", b"x" * 5000, headers={"Content-Type": "a/b"}).status == 415
        assert client("GET", "/items/" + item["id"]).status == 200
    assert client.connection is connection


def test_every_answer_can_be_found_in_the_log(world):
    """LogLevel items:debug: one line for each, under its request id, also for what httpd refused."""
    kind = "Content-Type: application/json"
    known = [
        (("GET", "/items/nobody"), {}, 404, "Item not found"),
        (("GET", "/items?limit=x"), {}, 400, "limit must be a whole number"),
        (("POST", "/items", [kind, "Content-Length: 2"], b"{}"), {}, 400, "Name is required"),
        (("GET", "/items/a"), {"token": None}, 401, "Unauthorized"),
        (("GET", "/items/a", ["Expect: tea"]), {}, 417, "Expectation failed"),
        (("GET", "/items/%zz"), {}, 400, "Bad request"),
        (("POST", "/items", [kind, "Content-Length: 3000"], b"x" * 3000), {}, 413, "body too large"),
        (("POST", "/items", [kind, "Transfer-Encoding: chunked"], b"zz\r\n"), {}, 400, "Bad"),
        (("M" * 4000, "/items"), {}, 405, "Method not allowed"),
        (("OPTIONS", "/items"), {}, 204, "204 ok"),
    ]
    for request, more, status, words in known:
        reply = raw(world.port, *request, host="talkative.test", **{"token": world.token, **more})
        assert reply.status == status
        lines = [
            line for line in world.log_since_begin().splitlines()
            if "ITEMS100" in line and reply.header("X-Request-Id") in line
        ]
        assert len(lines) == 1 and words in lines[0] and len(lines[0]) < 600, (status, lines)


def test_the_exchanges_of_a_request_can_be_found_in_the_log(world):
    """LogLevel items:trace4: each of its lines names the request, and none what is secret."""
    call = Client(world.port, host="traced.test", token=world.token)
    reply = call("POST", "/items", {"name": "quite private"})
    assert reply.status == 201
    mine = "request_id=" + reply.header("X-Request-Id")
    lines = [line for line in world.log_since_begin().splitlines() if "[items:trace" in line]
    assert any("PutItem attempt 1" in line for line in lines)
    assert any("status 200" in line for line in lines)
    for line in lines:
        assert line.endswith(mine), line
        assert "quite private" not in line and "Signature=" not in line and world.token not in line
