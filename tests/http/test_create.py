# SPDX-License-Identifier: Apache-2.0
"""POST: one conditional PutItem."""

import json
import re
import threading

import faults
from client import Client
from tables import put, stored


def test_one_put_with_a_condition(world, client):
    item = client.create("Tea")
    (call,) = world.strict["items"].calls
    assert call.operation == "PutItem"
    names = call.body["ExpressionAttributeNames"]
    (place,) = [key for key, value in names.items() if value == "id"]
    assert f"attribute_not_exists({place})" in call.body["ConditionExpression"]
    assert call.body["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert call.body["Item"]["id"] == {"S": item["id"]}


def test_what_is_stored(world, client):
    item = client.create("Tea", description="d", status="s")
    attributes = stored(world, "items", item["id"])
    own = {name: value for name, value in attributes.items() if name.startswith("_items_")}
    assert {name: value["S"] for name, value in attributes.items() if name not in own} == item
    assert own["_items_rev"] == {"N": "1"}
    assert set(own["_items_w1"]) == {"S"} and own["_items_w1"]["S"]


def test_defaults(client):
    assert client.create("a")["description"] == ""
    assert client.create("a")["status"] == "active"
    made = client.create("a", description=None, status=None)
    assert (made["description"], made["status"]) == ("", "active")
    assert client.create("a", status="")["status"] == "active"


def test_one_clock_reading(client):
    item = client.create("a")
    assert item["createdAt"] == item["updatedAt"]


def test_members_that_cannot_be_set_are_ignored(client):
    item = client.create(
        "a", id="mine", createdAt="1999", updatedAt="1999", owner="me", _items_rev=7
    )
    assert item["id"] != "mine" and item["createdAt"] > "2020"
    assert sorted(item) == ["createdAt", "description", "id", "name", "status", "updatedAt"]


def test_strict_handling_names_them(world, client):
    reply = client(
        "POST", "/items", {"name": "a", "id": "mine", "owner": "me"},
        headers={"Prefer": "handling=strict"},
    )
    assert reply.status == 400
    assert [detail["field"] for detail in reply.json["details"]] == ["id", "owner"]
    assert reply.json["error"] == reply.json["details"][0]["message"]
    assert world.strict["items"].calls == []


def test_several_faults_at_once(client):
    reply = client("POST", "/items", {"name": 5, "description": [], "status": {}})
    assert reply.status == 400
    fields = [detail["field"] for detail in reply.json["details"]]
    assert fields == ["name", "description", "status"]
    assert reply.json["error"] == reply.json["details"][0]["message"]


def taken(backend):
    """A fault: somebody else's item has the id that the request chose."""

    def fault(connection, forward):
        item = {"id": backend.calls[-1].body["Item"]["id"], "name": {"S": "theirs"}}
        error = {
            "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "message": "The conditional request failed",
            "Item": item,
        }
        return faults.body(json.dumps(error), 400)(connection, forward)

    return fault


def test_an_id_that_is_taken_means_another_id(world, client):
    backend = world.strict["items"]
    backend.play(taken(backend))
    made = client("POST", "/items", {"name": "a"})
    assert made.status == 201
    first, second = backend.calls
    assert first.operation == second.operation == "PutItem"
    assert first.body["Item"]["id"] != second.body["Item"]["id"]
    assert made.json["data"]["id"] == second.body["Item"]["id"]["S"]


def test_twice_taken_is_an_error(world, client):
    backend = world.strict["items"]
    backend.play(*[taken(backend)] * 2)
    assert client("POST", "/items", {"name": "a"}).status == 500
    assert len(backend.calls) == 2
    world.expect("ITEMS1001")


def test_many_at_once_are_many_items(world):
    made = []

    def create():
        call = Client(world.port, token=world.token)
        made.extend(call.create(f"n{number}")["id"] for number in range(10))
        call.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 80
    assert world.strict["items"].operations() == ["PutItem"] * 80


def test_location_is_relative_and_leads_there(world, at):
    call = at("other")
    made = call("POST", "/v1/things", {"name": "a"})
    assert re.fullmatch("/v1/things/[0-9a-f-]{36}", made.header("Location"))
    assert call("GET", made.header("Location")).json == made.json
    assert stored(world, "other", made.json["data"]["id"])
    assert stored(world, "items", made.json["data"]["id"]) is None


def test_a_big_item(world, client):
    item = client.create("a", description="x" * 390_000)
    assert client("GET", "/items/" + item["id"]).json["data"] == item


def test_too_big_an_item_makes_no_call(world, client):
    reply = client("POST", "/items", {"name": "a", "description": "x" * 410_000})
    assert (reply.status, reply.json["code"]) == (413, "item_too_large")
    assert world.strict["items"].calls == []


def test_a_put_item_is_not_an_overwrite(world, client):
    put(world, "items", id="there", name="theirs")
    client.create("a", id="there")
    assert stored(world, "items", "there")["name"] == {"S": "theirs"}
