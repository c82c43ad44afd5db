# SPDX-License-Identifier: Apache-2.0
"""The five routes of the original API, byte for byte, under each MPM and over HTTP/2."""

import re

import pytest
from client import Client, curl
from tables import clear, put

UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"
READ = "private, no-cache"
WRITE = "no-store"


@pytest.fixture
def each_client(each_world):
    made = Client(each_world.port, token=each_world.token)
    yield made
    made.close()


def check_headers(reply, cache):
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("Content-Length") == str(len(reply.body))
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("Cache-Control") == cache
    vary = reply.header("Vary").replace(" ", "").split(",")  # httpd writes it without blanks
    assert vary == ["Authorization", "Origin", "Accept"]
    assert re.fullmatch("[A-Za-z0-9._-]{1,128}", reply.header("X-Request-Id"))
    assert reply.header("Access-Control-Allow-Origin") == "*"


def text_of(item):
    """An item as it must stand in a body: these members in this order, without blanks."""
    names = ("id", "name", "description", "status", "createdAt", "updatedAt")
    return "{" + ",".join(f'"{name}":"{item[name]}"' for name in names) + "}"


def test_the_life_of_an_item(each_client):
    call = each_client
    made = call("POST", "/items", {"name": "Tea", "description": "black"})
    assert made.status == 201
    check_headers(made, WRITE)
    match = re.fullmatch(
        rb'\{"data":\{"id":"(' + UUID4.encode() + rb')","name":"Tea","description":"black",'
        rb'"status":"active","createdAt":"(' + TIME.encode() + rb')","updatedAt":"\2"\}\}',
        made.body,
    )
    assert match, made.body
    item = made.json["data"]
    url = "/items/" + item["id"]
    assert made.header("Location") == url

    got = call("GET", url)
    assert (got.status, got.body) == (200, made.body)
    check_headers(got, READ)

    changed = call("PUT", url, {"status": "archived"})
    assert changed.status == 200
    check_headers(changed, WRITE)
    item.update(status="archived", updatedAt=changed.json["data"]["updatedAt"])
    assert re.fullmatch(TIME, item["updatedAt"]) and item["updatedAt"] >= item["createdAt"]
    assert changed.body.decode() == '{"data":' + text_of(item) + "}"
    assert call("GET", url).body == changed.body

    gone = call("DELETE", url)
    assert (gone.status, gone.body) == (200, b'{"message":"Item deleted"}')
    check_headers(gone, WRITE)

    missing = call("GET", url)
    assert missing.status == 404
    check_headers(missing, WRITE)
    request_id = missing.header("X-Request-Id")
    assert missing.body.decode() == (
        '{"error":"Item not found","message":"Item not found","code":"item_not_found",'
        f'"requestId":"{request_id}"}}'
    )


def test_the_list(each_world):
    clear(each_world, "lists")
    call = Client(each_world.port, host="lists.test", token=each_world.token)
    empty = call("GET", "/items")
    assert (empty.status, empty.body) == (200, b'{"data":[],"count":0}')
    check_headers(empty, READ)
    item = call("POST", "/items", {"name": "Tea"}).json["data"]
    one = call("GET", "/items")
    assert one.body.decode() == '{"data":[' + text_of(item) + '],"count":1}'
    for number in range(5):
        put(each_world, "lists", id=f"i{number}", name="x")
    page = call("GET", "/items?limit=4")
    assert list(page.json) == ["data", "count", "nextToken"]
    assert page.json["count"] == 4 == len(page.json["data"])
    rest = call("GET", "/items?lastKey=" + page.json["nextToken"])
    assert list(rest.json) == ["data", "count"]
    assert len({i["id"] for i in page.json["data"] + rest.json["data"]}) == 6


def test_name_is_required(each_client):
    reply = each_client("POST", "/items", {"description": "x"})
    assert reply.status == 400
    check_headers(reply, WRITE)
    assert reply.json["error"] == reply.json["message"] == "Name is required"
    assert list(reply.json) == ["error", "message", "code", "requestId", "details"]


def test_put_of_nothing_there(each_client):
    reply = each_client("PUT", "/items/nobody", {"name": "x"})
    assert (reply.status, reply.json["error"]) == (404, "Item not found")
    assert each_client("GET", "/items/nobody").status == 404


def test_delete_of_nothing_there(each_client):
    reply = each_client("DELETE", "/items/nobody")
    assert (reply.status, reply.body) == (200, b'{"message":"Item deleted"}')


def test_head_is_get_without_a_body(each_client):
    item = each_client.create()
    got = each_client("GET", "/items/" + item["id"])
    head = each_client("HEAD", "/items/" + item["id"])
    assert (head.status, head.body) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control", "Vary"):
        assert head.header(name) == got.header(name)
    missing = each_client("HEAD", "/items/nobody")
    assert (missing.status, missing.body) == (404, b"")


def test_no_token(each_client):
    reply = each_client("GET", "/items", token=None)
    assert reply.status == 401
    check_headers(reply, WRITE)
    assert reply.header("WWW-Authenticate").startswith("Bearer")
    assert reply.json["error"] == reply.json["message"]
    assert reply.json["code"] == "unauthorized"


def test_everything_over_http2(each_world):
    if each_world.mpm == "prefork":
        return  # mod_http2 does not serve under prefork
    url = f"http://127.0.0.1:{each_world.port}/items"
    auth = [
        "--http2-prior-knowledge",
        "-H", f"Authorization: Bearer {each_world.token}",
        "-H", "Host: items.test",
        "-H", "Content-Type: application/json",
    ]
    version, made = curl(*auth, "-d", '{"name":"Tea"}', url)
    assert (version, made.status) == ("HTTP/2", 201)
    check_headers(made, WRITE)
    one = url + "/" + made.json["data"]["id"]
    _, got = curl(*auth, one)
    assert (got.status, got.body) == (200, made.body)
    _, page = curl(*auth, url + "?limit=1")
    assert page.json["count"] == 1
    _, changed = curl(*auth, "-X", "PUT", "-d", '{"name":"Coffee"}', one)
    assert changed.json["data"]["name"] == "Coffee"
    _, gone = curl(*auth, "-X", "DELETE", one)
    assert (gone.status, gone.body) == (200, b'{"message":"Item deleted"}')
    _, missing = curl(*auth, one)
    assert (missing.status, missing.json["code"]) == (404, "item_not_found")
    _, stranger = curl("--http2-prior-knowledge", "-H", "Host: items.test", url)
    assert (stranger.status, stranger.json["code"]) == (401, "unauthorized")


def test_over_tls_to_dynamodb(world, at):
    call = at("tls")
    item = call.create("over TLS")
    assert call("GET", "/items/" + item["id"]).json["data"] == item
    assert world.strict["tls"].operations() == ["PutItem", "GetItem"]


def test_a_sethandler_that_is_none_or_ours(world, at):
    """httpd keeps every SetHandler as an expression; what it comes to decides."""
    call = at("handlers", token=None)
    put(world, "items", id="ours", name="n")
    put(world, "items", id="x" * 300, name="n")
    assert call("GET", "/items/ours").json["data"]["id"] == "ours"
    assert call("GET", "/items/" + "x" * 300).status == 200  # no file name was made of it
    assert call("GET", "/items?limit=1").status == 200
    missing = call("GET", "/items/ours/deeper")
    assert missing.status == 404
    check_headers(missing, WRITE)
    world.strict["items"].clear()
    assert call("GET", "/items/theirs").header("X-Request-Id") is None
    assert world.strict["items"].calls == []
