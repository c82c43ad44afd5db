# SPDX-License-Identifier: Apache-2.0
"""Listing: pages, their sizes, their tokens."""

import base64
import json
import time

import faults
import pytest
from tables import clear, fill, put


def walk(call, path, name="lastKey", pages=5000):
    """The ids of all pages, and how many pages there were."""
    ids = []
    token = None
    for page in range(1, pages):
        separator = "&" if "?" in path else "?"
        reply = call("GET", path + (f"{separator}{name}={token}" if token else ""))
        assert reply.status == 200, reply
        assert reply.json["count"] == len(reply.json["data"])
        ids += [item["id"] for item in reply.json["data"]]
        token = reply.json.get("nextToken")
        if token is None:
            return ids, page
    raise AssertionError("no end of pages")


@pytest.fixture
def lists(world, at):
    """A client of a table of 12 items; 5 to a page, 50 at most."""
    clear(world, "lists")
    fill(world, "lists", 12)
    return at("lists")


def test_ten_thousand_items_by_seven_each_once(world, at, dynalite):
    """From dynalite: it scans in no order of the ids, and in a tenth of the time."""
    ids = fill(dynalite, "many", 10_000)
    found, pages = walk(at("many"), "/items?limit=7")
    assert len(found) == 10_000 and sorted(found) == ids and found != ids
    assert pages in (1429, 1430)
    scans = world.strict["dynalite"].operations()
    assert scans.count("Scan") == len(scans) == pages


def test_one_scan_of_limit_items(world, lists):
    lists("GET", "/items?limit=3")
    (call,) = world.strict["items"].calls
    assert call.operation == "Scan"
    assert call.body["Limit"] == 3
    assert not call.body.get("ConsistentRead")
    assert "FilterExpression" not in call.body


@pytest.mark.parametrize(
    "query, count",
    [
        ("", 5), ("?limit=", 5), ("?limit=0", 5), ("?limit=000", 5), ("?limit=1", 1),
        ("?limit=007", 7), ("?limit=12", 12), ("?limit=999999999", 12), ("?limit=50&x=y", 12),
        ("?%6Cimit=2", 2), ("?limit=%32", 2), ("?&limit=2&", 2), ("?limit=2&lastKey=", 2),
        ("?nextToken=&lastKey=&limit=2", 2),
    ],
)
def test_limit(lists, query, count):
    reply = lists("GET", "/items" + query)
    assert (reply.status, reply.json["count"]) == (200, count)


@pytest.mark.parametrize(
    "query",
    [
        "limit=abc", "limit=-1", "limit=1.0", "limit=1e2", "limit=%201", "limit=+1",
        "limit=1234567890", "limit=1&limit=1", "limit=1&limit=2", "limit=0x10", "limit=%00",
        "limit=%zz", "limit=%ef%bc%91", "limit=1&%6cimit=1",
    ],
)
def test_bad_limit(world, lists, query):
    reply = lists("GET", "/items?" + query)
    assert (reply.status, reply.json["code"]) == (400, "invalid_query")
    assert "limit" in reply.json["error"]
    assert world.strict["items"].calls == []


def test_the_maximum_is_kept(world, lists):
    lists("GET", "/items?limit=100000")
    assert world.strict["items"].calls[0].body["Limit"] == 50


def test_both_names_lead_on(lists):
    first = lists("GET", "/items?limit=4")
    token = first.json["nextToken"]
    by_last = lists("GET", f"/items?limit=4&lastKey={token}")
    by_next = lists("GET", f"/items?limit=4&nextToken={token}")
    both = lists("GET", f"/items?limit=4&nextToken={token}&lastKey={token}")
    data = by_last.json["data"]
    assert data == by_next.json["data"] == both.json["data"]
    assert data != first.json["data"]
    assert walk(lists, "/items?limit=5", "nextToken")[0] == walk(lists, "/items?limit=5")[0]


def test_both_names_that_differ(world, lists):
    one = lists("GET", "/items?limit=2").json["nextToken"]
    two = lists("GET", "/items?limit=3").json["nextToken"]
    world.strict["items"].clear()
    for query in (
        f"lastKey={one}&nextToken={two}", f"lastKey={one}&lastKey={one}",
        f"nextToken={one}&nextToken={one}", f"lastKey={one}&nextToken=",
    ):
        reply = lists("GET", "/items?" + query)
        assert (reply.status, reply.json["code"]) == (400, "invalid_query"), query
    assert world.strict["items"].calls == []


def test_the_limit_may_change_between_pages(lists):
    token = lists("GET", "/items?limit=2").json["nextToken"]
    assert lists("GET", f"/items?limit=9&lastKey={token}").json["count"] == 9


def tampered(token):
    """Every way to spoil a token that a client could think of."""
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for bit in range(0, len(data) * 8, 37):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        yield base64.urlsafe_b64encode(flipped).decode().rstrip("=")
    for length in range(1, len(token), 9):
        yield token[:length]
    yield token + "A"
    yield token + "="
    yield token + "=="
    yield "." + token
    yield token.swapcase()
    yield token + token
    yield "AAAA"
    yield "%00"
    yield "%FF%FE"
    yield "%C3%28"
    yield "x" * 6000
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    if len(token) % 4:  # other trailing bits: the same bytes in another spelling
        place = last.index(token[-1]) ^ 1
        yield token[:-1] + last[place]


def test_tampered_tokens(world, lists):
    token = lists("GET", "/items?limit=2").json["nextToken"]
    world.strict["items"].clear()
    tried = 0
    for bad in tampered(token):
        for name in ("lastKey", "nextToken"):
            reply = lists("GET", f"/items?{name}={bad}")
            assert (reply.status, reply.json["error"]) == (400, "invalid page token"), bad
            assert reply.json["code"] == "invalid_page_token"
            tried += 1
    assert tried > 50
    assert world.strict["items"].calls == []


def test_the_originals_tokens_are_refused(world, lists):
    plain = base64.b64encode(json.dumps({"id": "i00003"}).encode()).decode()
    reply = lists("GET", "/items?lastKey=" + plain.replace("=", "%3D"))
    assert (reply.status, reply.json["code"]) == (400, "invalid_page_token")
    assert world.strict["items"].calls == []


def test_the_originals_tokens_where_they_are_allowed(world, lists, at):
    call = at("plaintokens")
    plain = base64.b64encode(json.dumps({"id": "i00003"}).encode()).decode()
    reply = call("GET", "/items?limit=2&lastKey=" + plain.replace("=", "%3D"))
    assert [item["id"] for item in reply.json["data"]] == ["i00004", "i00005"]
    for key in ('{"id":5}', '{"id":"a","x":"y"}', "{}", "[]", '{"id":""}', '{"id":"a"'):
        bad = base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
        assert call("GET", "/items?lastKey=" + bad).status == 400, key


def test_tokens_of_another_table(world, lists, at):
    """Same server, same random key, another table."""
    token = lists("GET", "/items?limit=2").json["nextToken"]
    reply = at("items")("GET", "/items?lastKey=" + token)
    assert (reply.status, reply.json["code"]) == (400, "invalid_page_token")


def test_keys_can_be_rotated(lists, at):
    """page2.key seals, page.key still opens; the other way round it does not."""
    old, new = at("keyed"), at("twokeys")
    assert new("GET", "/items?lastKey=" + old("GET", "/items?limit=2").json["nextToken"]).status == 200
    assert old("GET", "/items?lastKey=" + new("GET", "/items?limit=2").json["nextToken"]).status == 400


def test_tokens_grow_old(lists, at):
    call = at("plaintokens")  # two seconds of life
    token = call("GET", "/items?limit=2").json["nextToken"]
    assert call("GET", "/items?lastKey=" + token).status == 200
    time.sleep(3.2)
    assert call("GET", "/items?lastKey=" + token).status == 400


def test_tokens_are_opaque(lists):
    token = lists("GET", "/items?limit=2").json["nextToken"]
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_position_may_be_gone(world, lists):
    token = lists("GET", "/items?limit=3").json["nextToken"]
    lists("DELETE", "/items/i00002")
    ids = [item["id"] for item in lists("GET", f"/items?limit=3&lastKey={token}").json["data"]]
    assert ids == ["i00003", "i00004", "i00005"]


def test_any_id_can_be_a_position(world, lists):
    clear(world, "lists")
    strange = ["a/b", "ü", "\U0001f375", '"', "\\", "\x01", "x" * 2048, "a b", "%2F"]
    for key in strange:
        put(world, "lists", id=key, name="n")
    assert sorted(walk(lists, "/items?limit=1")[0]) == sorted(strange)


def test_a_page_ends_at_a_megabyte(world, lists):
    """DynamoDB stops a page early; the count says what came, and the token leads on."""
    clear(world, "lists")
    for number in range(6):
        put(world, "lists", id=f"b{number}", name="n", ballast="x" * 300_000)
    ids, pages = walk(lists, "/items?limit=6")
    assert sorted(ids) == [f"b{number}" for number in range(6)]
    assert pages > 1


def test_an_empty_page_may_have_a_token(world, lists):
    world.strict["items"].play(
        faults.body('{"Count":0,"Items":[],"LastEvaluatedKey":{"id":{"S":"i00005"}},"ScannedCount":0}')
    )
    reply = lists("GET", "/items")
    assert list(reply.json) == ["data", "count", "nextToken"] and reply.json["count"] == 0
    ids = [i["id"] for i in lists("GET", "/items?lastKey=" + reply.json["nextToken"]).json["data"]]
    assert ids[0] == "i00006"


def test_strict_handling_names_unknown_parameters(world, lists):
    strict = {"Prefer": "handling=strict"}
    assert lists("GET", "/items?limit=1&lastKey=", headers=strict).status == 200
    reply = lists("GET", "/items?limit=1&page=2", headers=strict)
    assert reply.status == 400 and "page" in reply.json["error"]


