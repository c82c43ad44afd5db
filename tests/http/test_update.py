# SPDX-License-Identifier: Apache-2.0
"""PUT: one UpdateItem that sets what was sent, and updatedAt."""

import threading

from client import Client
from tables import put, stored


def test_one_update_with_a_condition(world, client):
    item = client.create()
    world.strict["items"].clear()
    client("PUT", "/items/" + item["id"], {"name": "Coffee"})
    (call,) = world.strict["items"].calls
    assert call.operation == "UpdateItem"
    assert "attribute_exists(" in call.body["ConditionExpression"]
    assert call.body["ReturnValues"] == "ALL_NEW"
    assert call.body["Key"] == {"id": {"S": item["id"]}}


def test_only_what_was_sent_is_set(world, client):
    put(world, "items", id="u", name="n", description="d", status="s", extra={"NS": ["1", "2"]})
    world.strict["items"].clear()
    data = client("PUT", "/items/u", {"status": "new"}).json["data"]
    assert (data["name"], data["description"], data["status"]) == ("n", "d", "new")
    sent = world.strict["items"].calls[0].body["ExpressionAttributeNames"].values()
    assert "name" not in sent and "description" not in sent
    assert stored(world, "items", "u")["extra"] == {"NS": ["1", "2"]}


def test_all_attributes_come_back(world, client):
    put(world, "items", id="all", name="n", zeta={"M": {"k": {"L": [{"N": "1"}]}}})
    data = client("PUT", "/items/all", {"name": "m"}).json["data"]
    assert data["zeta"] == {"k": [1]} and data["name"] == "m" and "updatedAt" in data


def test_the_bodys_order_does_not_matter(world, client):
    item = client.create()
    reply = client("PUT", "/items/" + item["id"], '{"status":"s","description":"d","name":"n"}',
                   headers={"Content-Type": "application/json"})
    assert list(reply.json["data"]) == [
        "id", "name", "description", "status", "createdAt", "updatedAt",
    ]


def test_absent_and_null_keep(client):
    item = client.create("n", description="d", status="s")
    reply = client("PUT", "/items/" + item["id"], {"name": None, "description": None})
    data = reply.json["data"]
    assert (data["name"], data["description"], data["status"]) == ("n", "d", "s")
    reply = client("PUT", "/items/" + item["id"], {"status": ""})
    assert reply.json["data"]["status"] == "s"
    assert client("PUT", "/items/" + item["id"], {}).status == 200


def test_an_empty_description_is_stored(world, client):
    item = client.create("n", description="d")
    reply = client("PUT", "/items/" + item["id"], {"description": ""})
    assert reply.json["data"]["description"] == ""
    assert stored(world, "items", item["id"])["description"] == {"S": ""}


def test_an_empty_or_blank_name_is_refused(world, client):
    item = client.create("n")
    world.strict["items"].clear()
    for name in ("", " ", "\t\n", "\u00a0\u3000"):
        reply = client("PUT", "/items/" + item["id"], {"name": name})
        assert (reply.status, reply.json["code"]) == (400, "invalid_item"), name
    assert world.strict["items"].calls == []


def test_item_without_description_and_status(world, client):
    """The original's PUT answered 500 for these."""
    put(world, "items", id="lean", name="n")
    reply = client("PUT", "/items/lean", {"name": "m"})
    assert reply.status == 200
    assert sorted(reply.json["data"]) == ["id", "name", "updatedAt"]


def test_created_at_stays_and_updated_at_moves(world, client):
    put(world, "items", id="t", name="n", createdAt="2024-01-01T00:00:00.000Z",
        updatedAt="2024-01-01T00:00:00.000Z")
    data = client("PUT", "/items/t", {"createdAt": "1999", "name": "m"}).json["data"]
    assert data["createdAt"] == "2024-01-01T00:00:00.000Z"
    assert data["updatedAt"] > "2025"


def test_every_write_raises_the_revision(world, client):
    item = client.create()
    tokens = [stored(world, "items", item["id"])["_items_w1"]]
    for revision in ("2", "3"):
        client("PUT", "/items/" + item["id"], {"name": revision})
        attributes = stored(world, "items", item["id"])
        assert attributes["_items_rev"] == {"N": revision}
        assert attributes["_items_w1"] not in tokens
        assert attributes["_items_w2"] == tokens[-1]
        tokens.append(attributes["_items_w1"])


def test_item_of_another_tool_gets_a_revision(world, client):
    put(world, "items", id="foreign", name="n")
    client("PUT", "/items/foreign", {"name": "m"})
    assert stored(world, "items", "foreign")["_items_rev"] == {"N": "1"}


def test_two_at_once_lose_nothing(world, client):
    item = client.create()
    url = "/items/" + item["id"]

    def change(field):
        call = Client(world.port, token=world.token)
        for number in range(20):
            assert call("PUT", url, {field: f"{field}{number}"}).status == 200
        call.close()

    threads = [threading.Thread(target=change, args=(f,)) for f in ("name", "description", "status")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    data = client("GET", url).json["data"]
    assert (data["name"], data["description"], data["status"]) == (
        "name19", "description19", "status19",
    )
    assert stored(world, "items", item["id"])["_items_rev"] == {"N": "61"}


def test_never_brings_back_the_dead(world, client):
    item = client.create()
    client("DELETE", "/items/" + item["id"])
    assert client("PUT", "/items/" + item["id"], {"name": "zombie"}).status == 404
    assert stored(world, "items", item["id"]) is None


def test_an_update_that_grows_too_big(world, client):
    """Only DynamoDB can know: the other attributes count too."""
    put(world, "items", id="grown", name="n", ballast="x" * 300_000)
    reply = client("PUT", "/items/grown", {"description": "y" * 150_000})
    assert (reply.status, reply.json["code"]) == (413, "item_too_large")
    assert "description" not in stored(world, "items", "grown")
