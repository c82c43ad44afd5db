# SPDX-License-Identifier: Apache-2.0
"""DELETE: one DeleteItem."""

from tables import put, stored


def test_one_delete(world, client):
    put(world, "items", id="d", name="n")
    reply = client("DELETE", "/items/d")
    assert (reply.status, reply.body) == (200, b'{"message":"Item deleted"}')
    assert world.strict["items"].operations() == ["DeleteItem"]
    assert stored(world, "items", "d") is None


def test_again_is_the_same(world, client):
    for _ in range(2):
        assert client("DELETE", "/items/never").status == 200


def test_a_body_does_not_matter(world, client):
    put(world, "items", id="d", name="n")
    reply = client("DELETE", "/items/d", b"{not json", headers={"Content-Type": "text/plain"})
    assert reply.status == 200
    assert client("GET", "/items/d").status == 404


def test_the_collection_cannot_be_deleted(world, client):
    for path in ("/items", "/items?id=x"):
        reply = client("DELETE", path)
        assert reply.status == 405
        assert "GET" in reply.header("Allow") and "DELETE" not in reply.header("Allow")
    assert client("DELETE", "/items/").status == 404
    assert world.strict["items"].calls == []
