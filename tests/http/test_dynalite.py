# SPDX-License-Identifier: Apache-2.0
"""The routes against another emulator, with other habits (dynalite.py)."""

import faults
import pytest
from tables import clear, fill, put, stored


@pytest.fixture
def call(at):
    return at("dynalite")


def test_the_life_of_an_item(world, call, dynalite):
    made = call("POST", "/items", {"name": "Tëa", "description": "\U0001f375"})
    assert made.status == 201
    item = made.json["data"]
    url = made.header("Location")
    assert call("GET", url).json["data"] == item
    changed = call("PUT", url, {"status": "archived"})
    assert changed.json["data"] == {
        **item, "status": "archived", "updatedAt": changed.json["data"]["updatedAt"],
    }
    assert stored(dynalite, "items", item["id"])["_items_rev"] == {"N": "2"}
    assert call("DELETE", url).body == b'{"message":"Item deleted"}'
    assert call("GET", url).status == 404
    assert call("PUT", url, {"name": "zombie"}).status == 404
    assert call("DELETE", url).status == 200
    assert world.strict["dynalite"].operations() == [
        "PutItem", "GetItem", "UpdateItem", "DeleteItem", "GetItem", "UpdateItem", "DeleteItem",
    ]


def test_pages(call, dynalite):
    clear(dynalite, "items")
    ids = fill(dynalite, "items", 30)
    found, token = [], ""
    while token is not None:
        reply = call("GET", "/items?limit=7&lastKey=" + token)
        assert reply.status == 200
        found += [item["id"] for item in reply.json["data"]]
        token = reply.json.get("nextToken")
    assert sorted(found) == ids


def test_types(call, dynalite):
    put(
        dynalite, "items", id="typed", n={"N": "1e2"}, l={"L": [{"N": "-0.50"}, {"NULL": True}]},
        m={"M": {"k": {"BOOL": False}}}, b={"B": "AP8="}, s={"SS": ["a"]}, z={"NS": ["3"]},
    )
    assert call("GET", "/items/typed").json["data"] == {
        "id": "typed", "b": "AP8=", "l": [-0.5, None], "m": {"k": False}, "n": 100, "s": ["a"],
        "z": [3],
    }


def test_too_big(call, dynalite):
    put(dynalite, "items", id="grown", name="n", ballast="x" * 300_000)
    reply = call("PUT", "/items/grown", {"description": "y" * 150_000})
    assert (reply.status, reply.json["code"]) == (413, "item_too_large")


def test_own_writes_are_recognised_without_the_old_item(world, call, dynalite):
    """The condition failed because of our own first attempt; this store does not say so, one
    consistent GetItem does."""
    backend = world.strict["dynalite"]
    put(dynalite, "items", id="w", name="before", _items_rev={"N": "5"})
    call("GET", "/items/w")  # so that a connection is kept
    backend.clear()
    backend.play(faults.done_then_reset)
    reply = call("PUT", "/items/w", {"name": "after"})
    assert (reply.status, reply.json["data"]["name"]) == (200, "after")
    assert stored(dynalite, "items", "w")["_items_rev"] == {"N": "6"}
    assert backend.operations() == ["UpdateItem", "UpdateItem", "GetItem"]
    backend.clear()
    backend.play(faults.done_then_reset)
    made = call("POST", "/items", {"name": "new"})
    assert made.status == 201
    assert backend.operations() == ["PutItem", "PutItem", "GetItem"]
    assert stored(dynalite, "items", made.json["data"]["id"])["name"] == {"S": "new"}


def test_no_table(world, call, dynalite):
    """Its exceptions have the long names."""
    backend = world.strict["dynalite"]
    backend.play(faults.error("ResourceNotFoundException"))
    assert call("GET", "/items/x").status == 500
    world.expect("ITEMS1002")
