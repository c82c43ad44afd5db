# SPDX-License-Identifier: Apache-2.0
"""Hostile requests: never a 5xx, never a value changed, never a line at warning in the log."""

import random
import socket
from urllib.parse import quote

import pytest
from client import JSON, exchange, parse, request_bytes
from tables import clear, put, stored

# Strings that somebody once thought dangerous to a database, a shell, a browser, a log or a parser.
STRINGS = [
    "#n = :v", "attribute_exists(id)", ':v0', '"}},"ExpressionAttributeNames":{"#n":"id', "{}",
    '{"S":"x"}', '{"N":"1"}', "' OR '1'='1", "'; DROP TABLE items; --", "${jndi:ldap://x/y}",
    "{{7*7}}", "<script>alert(1)</script>", "</script>", "\\u0022", "\\", '"', "\\\\\"", "%s%n%n%n%x",
    "%00", "../../etc/passwd", "\r\nX-Injected: 1", "\n\n[core:error] forged", "\x1b[31mred", "\x00",
    "a\x00b", "\x7f", "\u0080", "\u2028", "\u2029", "\ufeff", "\uffff", "\ufffd", "\u202etxt.exe",
    "\U0001f375", "\U0010ffff", "e\u0301", "\u00e9", "ﷺ", "Z\u0341\u0334" * 20, "null", "true",
    "NaN", "-0", "1e999", "__proto__", "constructor", "toString", "name", "id", "_items_rev",
    "$(reboot)", "`reboot`", "| reboot", "x" * 1000, "\t", "a b", " leading", "trailing ",
    "&amp;", "&#0;", "]]>", "<!--", "/*", "//", "?", "#", "%", "+", "=", "&", ";", ",",
]


@pytest.mark.parametrize("text", STRINGS, ids=[ascii(s)[:30] for s in STRINGS])
def test_strings_come_back_as_they_were(world, client, text):
    name = text if text.strip(" \t\r\n\u2028\u2029") else "x" + text
    made = client("POST", "/items", {"name": name, "description": text, "status": text[:256] or "s"})
    assert made.status == 201, made.body
    item = made.json["data"]
    assert (item["name"], item["description"], item["status"]) == (name, text, text[:256])
    assert stored(world, "items", item["id"])["description"] == {"S": text}
    url = "/items/" + item["id"]
    got = client("GET", url)
    assert got.json["data"] == item
    assert got.header("Content-Type") == "application/json" and got.header("X-Injected") is None
    changed = client("PUT", url, {"name": name + "!", "description": text})
    assert changed.json["data"]["description"] == text
    assert stored(world, "items", item["id"])["name"] == {"S": name + "!"}
    # Only values change from call to call; the expressions are constants.
    expressions = {c.body.get("UpdateExpression") for c in world.strict["items"].calls} - {None}
    assert len(expressions) == 1 and text not in str(expressions)[20:] or len(text) < 3


@pytest.mark.parametrize("text", STRINGS, ids=[ascii(s)[:30] for s in STRINGS])
def test_strings_as_ids(world, client, text):
    if "\x00" in text:
        assert client("GET", "/items/" + quote(text, safe="")).status in (400, 404)
        assert world.strict["items"].calls == []
        return
    put(world, "items", id=text, name="n")
    world.strict["items"].clear()
    reply = client("GET", "/items/" + quote(text, safe=""))
    assert (reply.status, reply.json["data"]["id"]) == (200, text)
    assert world.strict["items"].calls[0].body["Key"] == {"id": {"S": text}}


def test_stored_strings_in_a_list(world, at):
    clear(world, "lists")
    for number, text in enumerate(STRINGS):
        put(world, "lists", id=f"s{number}", name=text, extra={"M": {text or "k": {"S": text}}})
    found = at("lists")("GET", "/items?limit=50").json["data"]
    for item in found:
        text = STRINGS[int(item["id"][1:])]
        assert item["name"] == text and item["extra"] == {text or "k": text}


# Framing that front ends and back ends have read in two ways.
GET = "GET /items/known HTTP/1.1\r\nHost: items.test\r\n"
POST = "POST /items HTTP/1.1\r\nHost: items.test\r\nContent-Type: application/json\r\n"
BODY = '{"name":"a"}'
FRAMING = [
    ("length and chunks", POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
    ("two codings", POST + "Transfer-Encoding: chunked, identity\r\n"),
    ("coding with a blank", POST + "Transfer-Encoding : chunked\r\n"),
    ("coding in tabs", POST + "Transfer-Encoding:\tchunked\r\n"),
    ("odd coding", POST + "Transfer-Encoding: xchunked\r\n"),
    ("quoted coding", POST + 'Transfer-Encoding: "chunked"\r\n'),
    ("lengths that differ", POST + "Content-Length: 12\r\nContent-Length: 13\r\n"),
    ("lengths in a list", POST + "Content-Length: 12, 12\r\n"),
    ("plus length", POST + "Content-Length: +12\r\n"),
    ("hex length", POST + "Content-Length: 0x0c\r\n"),
    ("huge length", POST + "Content-Length: 99999999999999999999\r\n"),
    ("blank length", POST + "Content-Length: \r\n"),
    ("length with a form feed", POST + "Content-Length: \x0c12\r\n"),
    ("folded length", POST + "Content-Length:\r\n 12\r\n"),
    ("bare line feeds", POST.replace("\r\n", "\n") + "Content-Length: 12\n"),
    ("blank in the name", POST + "Content Length: 12\r\n"),
    ("NUL in a header", GET + "X-A: a\x00b\r\n"),
    ("CR in a header", GET + "X-A: a\rb\r\n"),
    ("no host", GET.replace("Host: items.test\r\n", "")),
    ("empty host", GET.replace("items.test", "")),
    ("odd host", GET.replace("items.test", "items.test:80:80")),
    ("host with a path", GET.replace("items.test", "items.test/x")),
    ("host with bytes", GET.replace("items.test", "it\x01ems")),
    ("HTTP/0.9", "GET /items/known\r\n"),
    ("HTTP/1.0", GET.replace("1.1", "1.0")),
    ("HTTP/2.0", GET.replace("1.1", "2.0")),
    ("HTTP/9.9", GET.replace("1.1", "9.9")),
    ("lower-case http", GET.replace("HTTP/1.1", "http/1.1")),
    ("two blanks", GET.replace("GET ", "GET  ")),
    ("a tab", GET.replace("GET ", "GET\t")),
    ("no path", GET.replace("/items/known ", "")),
    ("a star", GET.replace("/items/known", "*")),
    ("OPTIONS *", GET.replace("GET /items/known", "OPTIONS *")),
    ("CONNECT", GET.replace("GET /items/known", "CONNECT items.test:443")),
    ("a long method", GET.replace("GET", "G" * 4000)),
    ("a method of bytes", GET.replace("GET", "G\x01T")),
    ("a header of 8 KB", GET + "X-A: " + "x" * 8500 + "\r\n"),
    ("200 headers", GET + "".join(f"X-{i}: x\r\n" for i in range(200))),
    ("a fragment", GET.replace("known", "known#x")),
    ("bytes in the path", GET.replace("known", "k\xff")),
    ("an upgrade", GET + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                         "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
    ("a websocket", GET + "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
    ("connection names", GET + "Connection: close, Authorization, X-Request-Id, Host\r\n"),
    ("a range", GET + "Range: bytes=0-0,1-1,2-2,3-3\r\n"),
    ("many ranges", GET + "Range: bytes=" + ",".join(f"{i}-{i}" for i in range(500)) + "\r\n"),
    ("an odd range", GET + "Range: bytes=9-1\r\n"),
    ("odd conditions", GET + 'If-None-Match: "\r\nIf-Modified-Since: x\r\nIf-Range: y\r\n'),
    ("odd accepts", GET + "Accept: ;;;q=x,/\r\nAccept-Encoding: *;q=0\r\nPrefer: =,;handling==\r\n"),
    ("x-amz", GET + "X-Amz-Date: 1\r\nX-Amz-Security-Token: t\r\nX-Amz-Target: DynamoDB_20120810.Scan\r\n"),
    ("forwarding", GET + "X-Forwarded-Host: evil\r\nX-Forwarded-Proto: x\r\nForwarded: host=evil\r\n"),
    ("traces", GET + "Traceparent: 00-x\r\nTracestate: " + "x" * 500 + "\r\n"),
]


@pytest.mark.parametrize("name, head", FRAMING, ids=[x[0] for x in FRAMING])
@pytest.mark.parametrize("signed_in", [True, False])
def test_framing(world, name, head, signed_in):
    put(world, "items", id="known", name="n")
    put(world, "items", id="k\xff", name="n")
    world.strict["items"].clear()
    end = "\n" if name == "bare line feeds" else "\r\n"
    if signed_in:
        head += f"Authorization: Bearer {world.token}{end}"
    data = (head + end).encode("latin-1") + (BODY.encode() if head.startswith("POST") else b"")
    answer = exchange(world.port, data, timeout=0.7)
    is_head = head.startswith("CONNECT")
    for reply in parse(answer, head=is_head):
        assert reply.status < 500 or reply.status in (501, 505), reply
        assert b"evil" not in reply.body
    if not signed_in:
        assert world.strict["items"].calls == []
    assert all(c.headers.get("x-amz-security-token") is None for c in world.strict["items"].calls)


def test_a_smuggled_second_request_is_one_of_two_things(world):
    """CL and TE: chunked wins or the request is refused, and the connection is closed after it."""
    inner = f"GET /items/known HTTP/1.1\r\nHost: items.test\r\nAuthorization: Bearer {world.token}\r\n\r\n"
    data = (
        POST + f"Authorization: Bearer {world.token}\r\n"
        f"Content-Length: {len(inner) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner
    ).encode()
    replies = parse(exchange(world.port, data, timeout=3, count=2))
    assert len(replies) == 1 and replies[0].status == 400


def test_pipelined_requests_are_answered_in_order(world):
    for key in ("p1", "p2", "p3"):
        put(world, "items", id=key, name=key)
    data = b"".join(
        request_bytes("GET", f"/items/{key}", token=world.token) for key in ("p1", "p2", "p3")
    )
    replies = parse(exchange(world.port, data, timeout=5, count=3))
    assert [reply.json["data"]["id"] for reply in replies] == ["p1", "p2", "p3"]


def test_random_bytes(world):
    generator = random.Random(7)
    for _ in range(60):
        data = generator.randbytes(generator.randrange(1, 400))
        for reply in parse(exchange(world.port, data + b"\r\n\r\n", timeout=1)):
            assert reply.status < 500 or reply.status in (501, 505)
    assert world.strict["items"].calls == []


def test_mutated_requests(world):
    """A good request with a few bytes changed is answered, and never by a 5xx."""
    generator = random.Random(11)
    good = request_bytes(
        "PUT", "/items/known?x=y", ["Content-Type: application/json", "Content-Length: 12"],
        b'{"name":"a"}', host="public.test",
    )
    for _ in range(150):
        data = bytearray(good)
        for _ in range(generator.randrange(1, 4)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        for reply in parse(exchange(world.port, bytes(data), timeout=0.4)):
            assert reply.status < 500 or reply.status in (501, 505), bytes(data)


def test_a_slow_reader_of_a_big_answer(world, client):
    put(world, "items", id="big", name="n", description="x" * 380_000)
    with socket.create_connection(("127.0.0.1", world.port), 10) as sock:
        sock.sendall(request_bytes("GET", "/items/big", token=world.token))
        for _ in range(20):
            assert client("GET", "/items/big").status == 200
        data = b""
        while not (replies := parse(data)):
            data += sock.recv(65536)
    assert len(replies[0].json["data"]["description"]) == 380_000


def test_many_keys_and_escapes_are_not_slow(client):
    body = "{" + ",".join(f'"k{n}":{n}' for n in range(50_000)) + ',"name":"a"}'
    assert client("POST", "/items", body, headers=JSON).status == 201
    body = '{"name":"a","x":"' + "\\u00e9" * 150_000 + '"}'
    assert client("POST", "/items", body, headers=JSON).status == 201
    query = "&".join(f"k{n}=%41" for n in range(800))
    assert client("GET", "/items?limit=1&" + query).status == 200
