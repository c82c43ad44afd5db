# SPDX-License-Identifier: Apache-2.0
"""Closed by default: without a verified identity nothing is served and nothing is called."""

import base64
import json
import time

import pytest
from client import Client, raw
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tables import put


def encode(data):
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def signed(header, claims, key):
    text = encode(header) + "." + encode(claims)
    return text + "." + encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


@pytest.fixture(scope="module")
def pool_key(issuer):
    with open(issuer.key_file(), "rb") as pem:
        return serialization.load_pem_private_key(pem.read(), None)


@pytest.fixture
def known(world):
    put(world, "items", id="known", name="secret name")
    world.strict["items"].clear()


def test_a_token_of_the_pools_key_is_good(world, client, pool_key, known):
    """So that the bad ones below are bad for the reason that they say."""
    header, claims, _ = world.token.split(".")
    assert client("GET", "/items/known", token=signed(decode(header), decode(claims), pool_key)).status == 200


def bad_tokens(token, pool_key):
    header, claims, signature = token.split(".")
    other = rsa.generate_private_key(65537, 2048)
    now = int(time.time())
    yield "other key", signed(decode(header), decode(claims), other)
    yield "none", encode({"alg": "none"}) + "." + claims + "."
    yield "none with a kid", encode({**decode(header), "alg": "none"}) + "." + claims + "."
    yield "cut signature", token[:-4]
    yield "no signature", header + "." + claims + "."
    yield "other claims", header + "." + encode({**decode(claims), "sub": "x"}) + "." + signature
    yield "expired", signed(decode(header), {**decode(claims), "exp": now - 10}, pool_key)
    yield "unknown kid", signed({**decode(header), "kid": "x"}, decode(claims), other)
    yield "two parts", header + "." + claims
    yield "five parts", token + ".a.b"
    yield "junk", "junk"
    yield "empty", ""
    yield "long", "x" * 7000


def test_bad_tokens(world, client, pool_key, known):
    for name, token in bad_tokens(world.token, pool_key):
        for method, path in (("GET", "/items/known"), ("DELETE", "/items/known")):
            reply = client(method, path, token=token)
            assert reply.status == 401, name
            assert reply.header("WWW-Authenticate") == (
                'Bearer error="invalid_token"' if token else "Bearer"
            ), name
            assert reply.json["code"] == "unauthorized"
            assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


def test_a_malformed_token_reaches_nobody(world, client, known):
    """libcjose ends the process on padded base64url, mod_auth_openidc logs a payload that is no
    JSON beyond its end: such tokens are refused in front of both, without a line at warning."""
    header, claims, signature = world.token.split(".")
    padded = [
        "a=.b=.c=", f"{header}.{claims}.A=", f"{header}.{claims}.{signature[:-1]}=",
        f"A=.{claims}.{signature}", f"{header}.A=A.{signature}", "A=AA.A=AA.A=AA",
    ]
    payloads = [
        "{", "x", "[]", '{"exp":99999999999999999999}', '{"exp":1e999}', '{"sub":"\\u0000"}',
        '\ufeff{}', "{}" + "x" * 3000,
    ]
    odd = [f"{header}.{encode(text.encode())}.{signature}" for text in payloads]
    others = ["junk", ".", "..", "...", "a.b", f"{world.token}.a.b", f"{world.token} x",
              f"{world.token}, Bearer {world.token}", header + "." + claims + "."]
    children = world.children()
    for token in padded + odd + others:
        for method in ("GET", "HEAD", "DELETE"):
            reply = raw(world.port, method, "/items/known", token=token)
            assert reply.status == 401, token
            assert reply.header("WWW-Authenticate") == 'Bearer error="invalid_token"'
            assert method == "HEAD" or reply.json["code"] == "unauthorized"
    assert world.children() == children
    assert "exit signal" not in world.log_since_begin()
    assert world.strict["items"].calls == []


def test_other_ways_to_bring_a_token(world, client, known):
    token = world.token
    assert client("GET", f"/items/known?access_token={token}", token=None).status == 401
    for headers in (
        {"Cookie": f"access_token={token}; mod_auth_openidc_session={token}"},
        {"Proxy-Authorization": "Bearer " + token},
        {"X-Authorization": "Bearer " + token},
        {"Authorization": "Basic " + base64.b64encode(f"x:{token}".encode()).decode()},
        {"Authorization": token},
        {"Authorization": "Negotiate " + token},
    ):
        assert client("GET", "/items/known", headers=headers, token=None).status == 401, headers
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"access_token={token}"
    assert client("POST", "/items", body, headers=form, token=None).status == 401
    two = [f"Authorization: Bearer {token}", f"Authorization: Bearer {token}x"]
    assert raw(world.port, "GET", "/items/known", two).status in (400, 401)
    assert world.strict["items"].calls == []


SPOOFED = [
    {"OIDC_CLAIM_sub": "admin", "OIDC_access_token": "TOKEN"},
    {"OIDC-CLAIM-sub": "admin", "OIDC-access-token": "TOKEN"},
    {"REMOTE_USER": "admin"}, {"REMOTE-USER": "admin"}, {"X-Remote-User": "admin"},
    {"X-Forwarded-User": "admin"}, {"X-Original-URL": "/public"}, {"X-Rewrite-URL": "/public"},
    {"X-HTTP-Method-Override": "OPTIONS"}, {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
]


@pytest.mark.parametrize("headers", SPOOFED, ids=[next(iter(h)) for h in SPOOFED])
@pytest.mark.parametrize("host", ["items", "closed", "granted"])
def test_spoofed_headers(world, known, headers, host):
    call = Client(world.port, host=host + ".test")
    headers = {n: v.replace("TOKEN", world.token) for n, v in headers.items()}
    reply = call("GET", "/items/known", headers=headers)
    assert reply.status == 401 and b"secret name" not in reply.body
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("host", ["closed", "granted"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW"])
def test_a_host_without_authentication_is_closed(world, known, host, method):
    """No Require at all, or `Require all granted`: httpd lets everybody in, we don't; not even
    with a good token, which nobody has verified."""
    for token in (None, world.token):
        call = Client(world.port, host=host + ".test", token=token)
        body = b'{"name":"a"}' if method in ("POST", "PUT") else None
        reply = call(method, "/items/known", body)
        assert reply.status in (401, 403), reply
        assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


def test_public_is_open(world, at, known):
    call = at("public", token=None)
    assert call("GET", "/items/known").json["data"]["name"] == "secret name"
    made = call("POST", "/items", {"name": "a"})
    assert made.status == 201
    assert call("DELETE", made.header("Location")).status == 200


def test_an_error_document_is_no_way_in(world, at, known):
    """ErrorDocument 401 /items/known: httpd redirects inside, without asking for a token again."""
    for token in (None, "junk", world.token[:-5] + "AAAAA"):
        reply = at("redirect", token=token)("GET", "/items/other")
        assert reply.status == 401
        assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []
    reply = at("redirect", token=None)("GET", "/nowhere")
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


def test_options_tells_nothing(world, client, known):
    for token in (None, "junk"):
        for path in ("/items", "/items/known"):
            reply = client("OPTIONS", path, token=token, headers={"OIDC_CLAIM_sub": "admin"})
            assert reply.status < 300 or reply.status == 401
            assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


def test_another_authentication(world, at, known):
    """ItemsIssuer none: httpd's own user is who it is."""
    basic = {"Authorization": "Basic " + base64.b64encode(b"joe:secret").decode()}
    wrong = {"Authorization": "Basic " + base64.b64encode(b"joe:wrong").decode()}
    call = at("basic", token=None)
    assert call("GET", "/items/known", headers=basic).status == 200
    for headers in (wrong, {}, {"Authorization": f"Bearer {world.token}"}):
        reply = call("GET", "/items/known", headers=headers)
        assert reply.status == 401 and reply.json["code"] == "unauthorized"
    world.expect("AH01617", "AH01614")


def test_an_error_document_is_no_way_in_for_a_user(world, at, known):
    """Behind a wrong password the user has a name, and httpd's redirect takes it along."""
    wrong = {"Authorization": "Basic " + base64.b64encode(b"joe:wrong").decode()}
    reply = at("basicredirect", token=None)("GET", "/items/other", headers=wrong)
    assert reply.status == 401
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []
    world.expect("AH01617")


def test_an_error_document_is_no_way_in_for_a_token(world, known):
    """Behind a Require line that wants more, the user is that of a good token."""
    call = Client(world.port, host="requiredredirect.test", token=world.pool.token())
    reply = call("GET", "/items/other")
    assert reply.status == 401
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []
    world.expect("AH01631")


def test_ambient_credentials_take_no_forms(world, at):
    """Another site's form could send these with the browser's password."""
    basic = {"Authorization": "Basic " + base64.b64encode(b"joe:secret").decode()}
    call = at("basic", token=None)
    for kind in ({}, {"Content-Type": "application/x-www-form-urlencoded"},
                 {"Content-Type": "text/plain"}):
        assert call("POST", "/items", b'{"name":"a"}', headers={**basic, **kind}).status == 415
    reply = call("POST", "/items", b'{"name":"a"}', headers={**basic, "Content-Type": "application/json"})
    assert reply.status == 201
    assert world.strict["items"].operations() == ["PutItem"]


def test_a_token_with_fewer_scopes(world, client, known):
    """No scope is asked for here; test_tokens.py has the virtual hosts where one is."""
    read_only = world.issuer.token("items/read")
    assert client("GET", "/items/known", token=read_only).status == 200


def test_no_secret_in_the_error_log(world, client, known):
    client("GET", "/items/known")
    client("GET", "/items/known", token=world.token[:-6] + "AAAAAA")
    text = world.server.log()
    for secret in (world.keys[1], world.token, world.token.split(".")[2]):
        assert secret not in text
