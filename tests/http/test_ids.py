# SPDX-License-Identifier: Apache-2.0
"""The id is the raw path segment, percent-decoded once."""

import pytest
from client import raw
from tables import put, stored

# As on the wire, and the id that it is.
GOOD = [
    ("a", "a"), ("A", "A"), ("%61", "a"), ("%2561", "%61"), ("a%2Fb", "a/b"), ("a%2fb", "a/b"),
    ("a%252Fb", "a%2Fb"), ("%2F", "/"), ("..%2f..%2fetc", "../../etc"), ("a%20b", "a b"),
    ("a+b", "a+b"), ("%C3%BC", "ü"), ("%F0%9F%8D%B5", "\U0001f375"), ("a;b=c", "a;b=c"),
    ("a,b", "a,b"), ("a:b", "a:b"), ("a@b", "a@b"), ("a'b", "a'b"), ("a(b)", "a(b)"), ("...", "..."),
    (".a", ".a"), ("a.", "a."), ("a.json", "a.json"), ("%01", "\x01"), ("%0D%0A", "\r\n"),
    ("%7F", "\x7f"), ("%22", '"'), ("%5C", "\\"), ("%3Fx", "?x"), ("%23x", "#x"), ("%26", "&"),
    ("__proto__", "__proto__"), ("~", "~"), ("$", "$"), ("a%2F", "a/"), ("%2Fa", "/a"),
    ("a%2F%2Fb", "a//b"), ("x" * 2048, "x" * 2048), ("%E2%80%A8", "\u2028"), ("null", "null"),
    ("-", "-"), ("0", "0"), ("items", "items"), ("a%2F..%2Fb", "a/../b"), ("%25", "%"),
]

# No id: 404 and no call (httpd's own 400 for an escape that is none).
BAD = [
    "", "%00", "a%00b", "%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "x" * 2049,
    "%C3%BC" * 1025, "a/b", "a/", "/a/b", "a//b", "a/%2E",
]
BROKEN = ["%", "%z", "%zz", "a%2", "%%61"]


@pytest.mark.parametrize("wire, key", GOOD, ids=[w[:40] for w, _ in GOOD])
def test_good(world, wire, key):
    put(world, "items", id=key, name="found")
    world.strict["items"].clear()
    reply = raw(world.port, "GET", "/items/" + wire, token=world.token)
    assert (reply.status, reply.json["data"]) == (200, {"id": key, "name": "found"})
    assert world.strict["items"].calls[0].body["Key"] == {"id": {"S": key}}
    reply = raw(
        world.port, "PUT", "/items/" + wire, ["Content-Length: 12"], b'{"name":"b"}',
        token=world.token,
    )
    assert reply.json["data"]["id"] == key
    assert raw(world.port, "DELETE", "/items/" + wire, token=world.token).status == 200
    assert stored(world, "items", key) is None


@pytest.mark.parametrize("wire", BAD, ids=[w[:40] for w in BAD])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_bad(world, wire, method):
    reply = raw(world.port, method, "/items/" + wire, token=world.token)
    assert reply.status == 404
    if method != "HEAD":
        assert reply.json["code"] in ("item_not_found", "not_found")
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("wire", BROKEN)
def test_broken_escapes(world, wire):
    reply = raw(world.port, "GET", "/items/" + wire, token=world.token)
    assert reply.status in (400, 404)
    assert reply.json["code"] in ("bad_request", "not_found", "item_not_found")
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("wire", ["/items/.", "/items/..", "/items/%2E", "/items/%2e%2E",
                                  "/items/a/..", "/items/./"])
def test_dots_are_no_ids(world, wire):
    """httpd takes dot segments away before anybody sees them; what is left is not an item."""
    reply = raw(world.port, "GET", wire, token=world.token)
    assert reply.status in (200, 404, 403)
    assert "GetItem" not in world.strict["items"].operations()


def test_empty_segments_are_merged(world):
    """httpd merges slashes (MergeSlashes On), as its other resources see it too."""
    put(world, "items", id="m", name="found")
    for path in ("//items/m", "/items//m"):
        reply = raw(world.port, "GET", path, token=world.token)
        assert reply.status in (200, 404), path


@pytest.mark.parametrize("path", ["/itemsx", "/item", "/Items", "/items.json", "/items%2Fa", "/"])
def test_other_paths_are_not_ours(world, path):
    reply = raw(world.port, "GET", path, token=world.token)
    assert reply.status in (403, 404)
    assert world.strict["items"].calls == []


def test_absolute_form(world):
    put(world, "items", id="abs", name="found")
    reply = raw(world.port, "GET", "http://items.test/items/abs", token=world.token)
    assert reply.json["data"]["id"] == "abs"
    reply = raw(world.port, "GET", "http://items.test/items/a%2Fabs", token=world.token)
    assert reply.status == 404
    assert world.strict["items"].calls[-1].body["Key"] == {"id": {"S": "a/abs"}}


def test_no_item_is_a_404_after_one_call(world):
    reply = raw(world.port, "GET", "/items/absent", token=world.token)
    assert (reply.status, reply.json["error"]) == (404, "Item not found")
    assert world.strict["items"].operations() == ["GetItem"]
