# SPDX-License-Identifier: Apache-2.0
"""GET of one item: what comes back of whatever is stored."""

import base64

import pytest
from tables import put

# Attribute values (API Reference, AttributeValue), and the JSON that a client gets.
VALUES = [
    ({"S": "text"}, '"text"'),
    ({"S": ""}, '""'),
    ({"N": "0"}, "0"),
    ({"N": "-1.5"}, "-1.5"),
    ({"N": "12345678901234567890123456789012345678"}, "12345678901234567890123456789012345678"),
    ({"N": "0.00000000000000000000000000000001"}, None),  # in the store's own spelling
    ({"BOOL": True}, "true"),
    ({"BOOL": False}, "false"),
    ({"NULL": True}, "null"),
    ({"L": []}, "[]"),
    ({"L": [{"S": "a"}, {"N": "1"}, {"L": [{"NULL": True}]}]}, '["a",1,[null]]'),
    ({"M": {}}, "{}"),
    ({"M": {"k": {"N": "1"}}}, '{"k":1}'),
    ({"SS": ["only"]}, '["only"]'),
    ({"NS": ["7"]}, "[7]"),
    ({"B": base64.b64encode(b"\x00\xffbytes").decode()}, '"AP9ieXRlcw=="'),
    ({"BS": [base64.b64encode(b"x").decode()]}, '["eA=="]'),
]


@pytest.mark.parametrize("value, text", VALUES, ids=[str(v)[:40] for v, _ in VALUES])
def test_each_type(world, client, value, text):
    put(world, "items", id="typed", extra=value)
    reply = client("GET", "/items/typed")
    assert reply.status == 200
    if text is not None:
        assert reply.body.decode() == f'{{"data":{{"id":"typed","extra":{text}}}}}'
    else:
        assert float(reply.json["data"]["extra"]) == float(value["N"])


def test_sets_of_several(world, client):
    put(world, "items", id="sets", strings={"SS": ["a", "b", "c"]}, numbers={"NS": ["1", "2"]})
    data = client("GET", "/items/sets").json["data"]
    assert sorted(data["strings"]) == ["a", "b", "c"]
    assert sorted(data["numbers"]) == [1, 2]


def test_order_of_members(world, client):
    put(
        world, "items", zebra="z", updatedAt="u", alpha="a", status="s", id="order", name="n",
        createdAt="c", description="d", Beta="B",
    )
    names = list(client("GET", "/items/order").json["data"])
    declared = ["id", "name", "description", "status", "createdAt", "updatedAt"]
    assert names == [*declared, "Beta", "alpha", "zebra"]


def test_own_attributes_are_hidden(world, client):
    put(world, "items", id="own", name="n", _items_rev={"N": "3"}, _items_anything="x", _other="y")
    assert client("GET", "/items/own").json["data"] == {"id": "own", "name": "n", "_other": "y"}


def test_item_of_the_original(world, client):
    """Written by the original: no attribute of ours, perhaps without description or status."""
    put(world, "items", id="orig", name="n", createdAt="2024-01-01T00:00:00.000Z")
    assert client("GET", "/items/orig").json["data"] == {
        "id": "orig", "name": "n", "createdAt": "2024-01-01T00:00:00.000Z",
    }


def test_read_is_eventually_consistent_unless_asked(world, client, at):
    put(world, "items", id="c", name="n")
    client("GET", "/items/c")
    at("consistent")("GET", "/items/c")
    first, second = [call.body for call in world.strict["items"].calls]
    assert not first.get("ConsistentRead")
    assert second["ConsistentRead"] is True


def test_conditional_and_range_requests_are_plain_reads_or_right(world, client):
    put(world, "items", id="r", name="n")
    whole = client("GET", "/items/r")
    part = client("GET", "/items/r", headers={"Range": "bytes=0-3"})
    assert (part.status, part.body) in ((200, whole.body), (206, whole.body[:4]))
    since = client("GET", "/items/r", headers={"If-Modified-Since": "Sun, 01 Jan 2040 00:00:00 GMT"})
    assert (since.status, since.body) == (200, whole.body)


def test_unknown_parameters_are_ignored_unless_strict(world, client):
    put(world, "items", id="p", name="n")
    assert client("GET", "/items/p?limit=abc&x=1").status == 200
    strict = client("GET", "/items/p?x=1", headers={"Prefer": "handling=strict"})
    assert strict.status == 400 and "x" in strict.json["error"]
