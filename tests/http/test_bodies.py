# SPDX-License-Identifier: Apache-2.0
"""Request bodies: JSON and what is not, types, sizes, media types."""

import json
import socket

import pytest
from client import JSON, raw, request_bytes
from tables import stored

# Text that is not JSON (RFC 8259) or holds what DynamoDB cannot store as it is.
BAD = [
    "", " ", "{", "}", '{"name":"a"', '{"name":"a"}}', '{"name":"a"} x', '{"name":"a"}{"name":"b"}',
    '{"name":"a",}', "{,}", '{"name"}', '{"name":}', '{"name":"a""b":1}', "{'name':'a'}",
    '{name:"a"}', '{"name":"a\n"}', '{"name":"\t"}', '{"name":"\\x"}', '{"name":"\\u12"}',
    '{"name":"\\uD800"}', '{"name":"\\uDC00\\uD800"}', '{"name":"\\uD800x"}', '{"name":"a","n":NaN}',
    '{"name":"a","n":Infinity}', '{"name":"a","n":-Infinity}', '{"name":"a","n":+1}',
    '{"name":"a","n":01}', '{"name":"a","n":-01}', '{"name":"a","n":1.}', '{"name":"a","n":.5}',
    '{"name":"a","n":1e}', '{"name":"a","n":0x1}', '{"name":"a","n":1_0}', '{"name":"a","n":--1}',
    '{"name":"a","n":TRUE}', '{"name":"a","n":nul}', '/**/{"name":"a"}', '{"name":"a"}//',
    '\ufeff{"name":"a"}', '{"name":"a"}\x00', '\x00', '{"name":"a","n":[1,]}', '{"name":"a","n":[1 2]}',
    '{"name":"a","n":"', "\\", "undefined", "name=a&status=b",
]
BAD_BYTES = [
    b'{"name":"\xff"}', b'{"name":"\xc0\xaf"}', b'{"name":"\xed\xa0\x80"}',
    b'{"name":"\xf4\x90\x80\x80"}', b'{"name":"\xe2\x82"}', b'{"name":"a","\x80":1}',
    '{"name":"a"}'.encode("utf-16"), b'\x1f\x8b\x08\x00', b'{"name":"a","n":"\x7f\x00"}',
]


@pytest.fixture
def post(client):
    return lambda body, headers=JSON: client("POST", "/items", body, headers=headers)


@pytest.mark.parametrize("body", BAD + BAD_BYTES, ids=repr)
def test_not_json(world, client, body):
    data = body if isinstance(body, bytes) else body.encode()
    for method, path in (("POST", "/items"), ("PUT", "/items/any")):
        reply = client(method, path, data, headers=JSON)
        assert (reply.status, reply.json["code"]) == (400, "invalid_json"), reply.body
    assert world.strict["items"].calls == []


@pytest.mark.parametrize(
    "body, offset", [('{"name":tea}', 8), ('{"name":"a"} x', 13), ("[1,]", 3), ('{"a":01}', 5)]
)
def test_the_offset_is_told(post, body, offset):
    assert f"byte {offset}" in post(body).json["error"]


@pytest.mark.parametrize("body", ["null", "[]", "5", '"x"', "true", '[{"name":"a"}]', "-0.0e-1"])
def test_not_an_object(world, client, body):
    for method, path in (("POST", "/items"), ("PUT", "/items/any")):
        reply = client(method, path, body, headers=JSON)
        assert (reply.status, reply.json["error"]) == (400, "body must be a JSON object")
    assert world.strict["items"].calls == []


@pytest.mark.parametrize(
    "body, name",
    [
        ('{"name":"a"}', "a"),
        (' \r\n\t{ "name" :\n"a" } \n', "a"),
        ('{"name":"a","name":"b"}', "b"),
        ('{"name":5,"name":"b"}', "b"),
        ('{"n\\u0061me":"\\u0061"}', "a"),
        ('{"name":"\\"\\\\\\/\\b\\f\\n\\r\\t"}', '"\\/\b\f\n\r\t'),
        ('{"name":"\\ud83c\\udf75"}', "\U0001f375"),
        ('{"name":"\U0001f375\u2028\u2029\u200f"}', "\U0001f375\u2028\u2029\u200f"),
        ('{"name":"a\\u0000b"}', "a\0b"),
        ('{"name":"\x7f\u0080"}', "\x7f\u0080"),
        ('{"name":" a "}', " a "),
        ('{"name":"0"}', "0"),
        ('{"name":"\ufeff"}', "\ufeff"),
        ('{"name":"' + "\U0001f375" * 1024 + '"}', "\U0001f375" * 1024),
        ('{"name":"a","x":' + "[" * 31 + "]" * 31 + "}", "a"),
        ('{"name":"a","x":1e999999,"y":-0,"z":123456789012345678901234567890.5E-7}', "a"),
        ('{"name":"a","__proto__":{"x":1},"constructor":null,"":"","\\u0000":1}', "a"),
    ],
)
def test_good(world, client, post, body, name):
    reply = post(body)
    assert reply.status == 201, reply.body
    item = reply.json["data"]
    assert item["name"] == name
    assert stored(world, "items", item["id"])["name"] == {"S": name}
    assert client("GET", "/items/" + item["id"]).json["data"] == item


@pytest.mark.parametrize("depth", [32, 33, 1000, 100_000])
def test_deep(world, post, depth):
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        inner = opening * depth + ("1" if opening != "[" else "") + closing * depth
        reply = post('{"name":"a","x":' + inner + "}")
        assert reply.status == 400, (depth, reply.body)
        assert "32 levels" in reply.json["error"]
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("value", [5, 0, True, False, [], ["a"], {}, {"S": "a"}, 1.5])
def test_wrong_types(world, client, post, value):
    for field in ("name", "description", "status"):
        reply = post({"name": "a", field: value})
        assert (reply.status, reply.json["code"]) == (400, "invalid_item")
        assert reply.json["details"] == [
            {"field": field, "message": f"{field} must be a string"}
        ]
        assert client("PUT", "/items/any", {field: value}).status == 400
    assert world.strict["items"].calls == []


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"name": ""}, {"name": " "}, {"name": "\n\t \u00a0\u2003\u3000"}]
)
def test_no_name(world, post, body):
    reply = post(body)
    assert (reply.status, reply.json["error"]) == (400, "Name is required")
    assert reply.json["details"] == [{"field": "name", "message": "Name is required"}]
    assert world.strict["items"].calls == []


def test_lengths(world, post):
    assert post({"name": "ü" * 1024, "status": "ü" * 256}).status == 201
    world.strict["items"].clear()
    assert post({"name": "n" * 1025}).json["details"][0]["field"] == "name"
    assert post({"name": "n", "status": "s" * 257}).json["details"][0]["field"] == "status"
    assert world.strict["items"].calls == []


@pytest.mark.parametrize(
    "kind",
    [
        None, "application/json", "application/json; charset=utf-8", "APPLICATION/JSON",
        "application/vnd.api+json", "application/x-www-form-urlencoded",
        "application/merge-patch+json", "application/json;charset=UTF-8",
    ],
)
def test_media_types_that_are_taken(client, kind):
    headers = {"Content-Type": kind} if kind else {}
    reply = client("POST", "/items", b'{"name":"a"}', headers=headers)
    assert reply.status == 201, reply.body


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "json", "text/json",
     "application/json-patch", "application/jsonp", "*/*", "image/svg+xml", "application/"],
)
def test_media_types_that_are_not(world, client, kind):
    reply = client("POST", "/items", b'{"name":"a"}', headers={"Content-Type": kind})
    assert (reply.status, reply.json["code"]) == (415, "unsupported_media_type")
    assert reply.header("Accept-Post") == "application/json"
    reply = client("PUT", "/items/x", b'{"name":"a"}', headers={"Content-Type": kind})
    assert reply.status == 415
    assert world.strict["items"].calls == []


def test_a_real_form_is_not_json(client):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = client("POST", "/items", b"name=Tea&status=x", headers=form)
    assert (reply.status, reply.json["code"]) == (400, "invalid_json")


def test_no_body_at_all(world, client):
    for method, path in (("POST", "/items"), ("PUT", "/items/x")):
        reply = raw(world.port, method, path, token=world.token)
        assert (reply.status, reply.json["code"]) == (400, "invalid_json")
    assert world.strict["items"].calls == []


def test_announced_too_large(world, at):
    """Judged by Content-Length, before a byte of it is read."""
    headers = ["Content-Length: 1001", "Content-Type: application/json"]
    reply = raw(world.port, "POST", "/items", headers, host="small.test", token=world.token)
    assert (reply.status, reply.json["code"]) == (413, "body_too_large")
    assert world.strict["items"].calls == []


def test_too_large_in_chunks(world):
    chunk = b"100\r\n" + b" " * 256 + b"\r\n"
    headers = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
    reply = raw(
        world.port, "POST", "/items", headers, chunk * 5 + b"0\r\n\r\n", host="small.test",
        token=world.token,
    )
    assert (reply.status, reply.json["code"]) == (413, "body_too_large")


def test_just_small_enough(at):
    call = at("small")
    room = 1000 - len('{"name":""}') - 1
    assert call("POST", "/items", b'{"name":"' + b"n" * room + b'"}', headers=JSON).status == 201
    assert call("POST", "/items", b'{"name":"n"}' + b" " * 989, headers=JSON).status == 413


def test_chunks(world, client):
    """However it is cut."""
    body = json.dumps({"name": "Tëa"}, ensure_ascii=False).encode()
    chunks = b"".join(b"1\r\n" + body[i:i + 1] + b"\r\n" for i in range(len(body)))
    headers = ["Transfer-Encoding: chunked", "Content-Type: application/json"]
    reply = raw(world.port, "POST", "/items", headers, chunks + b"0\r\n\r\n", token=world.token)
    assert (reply.status, reply.json["data"]["name"]) == (201, "Tëa")


def test_expect_continue(world):
    with socket.create_connection(("127.0.0.1", world.port), 10) as sock:
        headers = ["Expect: 100-continue", "Content-Length: 12"]
        sock.sendall(request_bytes("POST", "/items", headers, token=world.token))
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b'{"name":"a"}')
        assert sock.recv(100).startswith(b"HTTP/1.1 201 ")
