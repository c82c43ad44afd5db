# SPDX-License-Identifier: Apache-2.0
"""Tokens that must not pass, each for one reason: 401, no call to DynamoDB, nothing in the log.

Signed with fresh keys; a good token beside them shows that the bad ones are bad for
the reason that they say.
"""

import base64
import hashlib
import json
import os
import socket
import time

import pools
import pytest
from client import Client, exchange, raw, request_bytes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pools import DROP, encode
from tables import put

BAD = 'Bearer error="invalid_token"'
LINE = "ITEMS1009"  # debug: what was wrong with a token
SIGNATURE = "ITEMS1010"  # info: mod_auth_openidc refused what had passed us

STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def known(world):
    put(world, "items", id="known", name="secret name")
    world.strict["items"].clear()


@pytest.fixture
def pool(world):
    return world.pool


def pem(pool, form=serialization.PublicFormat.SubjectPublicKeyInfo,
        how=serialization.Encoding.PEM):
    return pool.keys[pool.kid].public_key().public_bytes(how, form)


def jwk(pool):
    return pool.key_set()["keys"][0]


def is_refused(world, reply, challenge=BAD):
    assert reply.status == 401, reply
    assert reply.header("WWW-Authenticate") == challenge
    assert reply.json["code"] == "unauthorized"
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


# Where the signature is right and all else as well: the rest of this file means something.

GOOD = {
    "as it is": lambda p: p.token(),
    "another client": lambda p: p.token(client_id="client-two"),
    "another key": lambda p: p.sign({"alg": "RS256", "kid": "k2"}, key=p.keys["k2"]),
    "typ": lambda p: p.sign(p.header(typ="JWT")),
    "aud and client_id": lambda p: p.token(aud=["x", "client-two"]),
    "aud alone": lambda p: p.token(aud="client-two", client_id=DROP),
    "nbf": lambda p: p.token(nbf=int(time.time())),
    "no iat": lambda p: p.token(iat=DROP),
    "no scope": lambda p: p.token(scope=DROP),
    "other claims": lambda p: p.token(**{"cognito:groups": ["a"], "a": {"b": [None, 1.5]}}),
    "escapes": lambda p: p.sign(
        claims=json.dumps(p.claims()).replace("/", "\\/").replace("access", "\\u0061ccess").encode()
    ),
    "a long sub": lambda p: p.token(sub="u" * 2048),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_tokens(world, at, pool, name):
    reply = at("tokens", token=GOOD[name](pool))("GET", "/items/known")
    assert reply.status == 200 and reply.json["data"]["name"] == "secret name"


def test_spellings_of_the_scheme(world, at, pool):
    call = at("tokens", token=None)
    for scheme in ("Bearer ", "bearer ", "BEARER ", "Bearer    "):
        headers = {"Authorization": scheme + pool.token()}
        assert call("GET", "/items/known", headers=headers).status == 200


# Nobody needs a key to see that these are bad, so nobody looks for one.

SHAPES = {
    "empty parts": lambda p: "..",
    "one part": lambda p: "junk",
    "two parts": lambda p: p.token().rpartition(".")[0],
    "no signature": lambda p: p.token().rpartition(".")[0] + ".",
    "no payload": lambda p: encode(p.header()) + ".." + p.token().rpartition(".")[2],
    "no header": lambda p: p.token()[p.token().index("."):],
    "four parts": lambda p: p.token() + ".AA",
    "five parts, as JWE": lambda p: p.token() + ".AA.AA",
    "a JWE": lambda p: ".".join(
        [encode({"alg": "dir", "enc": "A256GCM", "kid": p.kid}), "", "AAAA", "AAAA", "AAAA"]
    ),
    "a JWE with a key": lambda p: ".".join(
        [encode({"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": p.kid})] + ["AAAA"] * 4
    ),
    "a dot behind": lambda p: p.token() + ".",
    "a dot before": lambda p: "." + p.token(),
    "padding": lambda p: p.token() + "==",
    "standard base64": lambda p: p.token()[:-2] + "+/",
    "a blank within": lambda p: p.token().replace(".", ". ", 1),
    "a tab within": lambda p: p.token().replace(".", ".\t", 1),
    "quoted": lambda p: f'"{p.token()}"',
    "a comma behind": lambda p: p.token() + ",",
    "two tokens": lambda p: f"{p.token()}, Bearer {p.token()}",
    "percent": lambda p: p.token().replace(".", "%2E", 1),
    "Latin-1": lambda p: p.token() + "\xe4",
    "another spelling": lambda p: p.sign(how=lambda k, d: b"\0")[:-1] + "B",
    "header not encoded": lambda p: '{"alg":"RS256"}.' + p.token().partition(".")[2],
    "a long signature": lambda p: p.token() + "A" * 6001,
    "header and payload changed places": lambda p: p.sign(p.claims(), p.header()),
    "JSON serialisation": lambda p: json.dumps(
        dict(zip(("protected", "payload", "signature"), p.token().split(".")))
    ),
}

HEADERS = {
    **{f"alg {alg!r}": (lambda alg: lambda p: p.sign(p.header(alg=alg), how=pools.nothing) + "AA")(alg)
       for alg in ("none", "None", "NONE", "nOnE", "", " none", "HS256", "RS256 ", "rs256", "RS1",
                   "EdDSA", "ES512", "ES256K", "A128KW", "\u0000", None, 0, True, ["RS256"], {})},
    "no alg": lambda p: p.sign(p.header(alg=DROP)),
    "Alg": lambda p: p.sign(p.header(alg=DROP, Alg="RS256")),
    "none without a kid": lambda p: p.sign({"alg": "none"}),
    "RS384": lambda p: p.sign(p.header(alg="RS384"), how=pools.rs384),
    "RS512": lambda p: p.sign(p.header(alg="RS512"), how=pools.rs512),
    "PS256": lambda p: p.sign(p.header(alg="PS256"), how=pools.ps256),
    "ES256": lambda p: p.sign(p.header(alg="ES256", kid="e1"), key=p.keys["e1"], how=pools.es256),
    "HS256, the public key": lambda p: p.sign(p.header(alg="HS256"), how=pools.hs(pem(p))),
    "HS256, PKCS 1": lambda p: p.sign(
        p.header(alg="HS256"), how=pools.hs(pem(p, serialization.PublicFormat.PKCS1))
    ),
    "HS256, DER": lambda p: p.sign(
        p.header(alg="HS256"), how=pools.hs(pem(p, how=serialization.Encoding.DER))
    ),
    "HS256, the modulus": lambda p: p.sign(
        p.header(alg="HS256"), how=pools.hs(jwk(p)["n"].encode())
    ),
    "HS256, the JWK": lambda p: p.sign(
        p.header(alg="HS256"), how=pools.hs(json.dumps(jwk(p)).encode())
    ),
    "HS256, an empty secret": lambda p: p.sign(p.header(alg="HS256"), how=pools.hs(b"")),
    "HS256, a guess": lambda p: p.sign(p.header(alg="HS256"), how=pools.hs(b"secret")),
    "HS384": lambda p: p.sign(p.header(alg="HS384"), how=pools.hs(pem(p), hashlib.sha384)),
    "HS512": lambda p: p.sign(p.header(alg="HS512"), how=pools.hs(pem(p), hashlib.sha512)),
    **{f"kid {str(kid)[:20]!r}": (lambda kid: lambda p: p.sign(p.header(kid=kid)))(kid)
       for kid in (DROP, "", " ", None, 1, True, ["k2"], {"k": 1}, "k2\u0000", "k2\r\nX-Evil: 1",
                   "k2\n", "\u001b[31mk2", "k 2", "' OR 1=1 --", "k\u00e4", "x" * 256, "x" * 4096)},
    **{name: (lambda name, value: lambda p: p.sign(p.header(**{name: value})))(name, value)
       for name, value in (("crit", ["exp"]), ("x5u", "https://127.0.0.1:1/x"), ("x5c", ["MII"]),
                           ("x5t", "abc"), ("x5t#S256", "abc"), ("b64", False))},
    "crit of nothing": lambda p: p.sign(p.header(crit=[])),
    "crit is null": lambda p: p.sign(p.header(crit=None)),
    "crit and b64": lambda p: p.sign(p.header(crit=["b64"], b64=False)),
    "typ is a number": lambda p: p.sign(p.header(typ=1)),
    "typ is null": lambda p: p.sign(p.header(typ=None)),
    "header is an array": lambda p: p.sign(["RS256"]),
    "header is a string": lambda p: p.sign("RS256"),
    "header is junk": lambda p: p.sign(b"junk"),
    "header is cut": lambda p: p.sign(b'{"alg":"RS256","kid":"k2"'),
    "header with a BOM": lambda p: p.sign(b"\xef\xbb\xbf" + json.dumps(p.header()).encode()),
    "header and more": lambda p: p.sign(json.dumps(p.header()).encode() + b"{}"),
    "header with NUL": lambda p: p.sign(json.dumps(p.header()).encode() + b"\0"),
    "alg twice": lambda p: p.sign(b'{"alg":"none","alg":"RS256","kid":"k2"}', key=p.keys["k2"]),
    "alg twice, escaped": lambda p: p.sign(
        b'{"alg":"RS256","\\u0061lg":"none","kid":"k2"}', key=p.keys["k2"]
    ),
    "kid twice": lambda p: p.sign(b'{"alg":"RS256","kid":"x","kid":"k2"}', key=p.keys["k2"]),
    "single quotes": lambda p: p.sign(b"{'alg':'RS256','kid':'k2'}", key=p.keys["k2"]),
}


def claim(name, *values):
    """Rows: a claim with each of these values."""
    return {
        f"{name} {value!r}" if value is not DROP else f"no {name}":
            (lambda value: lambda p: p.token(**{name: value}))(value)
        for value in values
    }


def soon(name, *seconds):
    """Rows: a claim with a time that far from now."""
    return {
        f"{name} {more:+}": (lambda more: lambda p: p.token(**{name: int(time.time()) + more}))(more)
        for more in seconds
    }


def text_of(p, **claims):
    """A payload whose text is put together here: values are JSON."""
    text = json.dumps(p.claims(**{name: DROP for name in claims}))[:-1]
    return (text + "".join(f', "{name}": {value}' for name, value in claims.items()) + "}").encode()


ISSUER = pools.Pool.ISSUER
CLAIMS = {
    **claim("iss", DROP, "", None, 0, True, [ISSUER], {ISSUER: 1}, ISSUER + "/", ISSUER + " ",
            " " + ISSUER, ISSUER.upper(), ISSUER[:-1], ISSUER + "x", ISSUER.replace("https", "http"),
            ISSUER + "\u0000", "https://evil.example/" + ISSUER, ISSUER + "\n"),
    **claim("client_id", DROP, "", None, 0, -1, True, ["client-one"], {}, "client-three", "client -one",
            "client-one ", "Client-one", "client-on", "client-one,client-two",
            "client-one client-two", "client-one\u0000", "*"),
    **claim("aud", "x", "", None, 0, [], ["x"], [1], ["client-one", 1], {"client-one": 1},
            [["client-one"]], True),
    **claim("token_use", DROP, "id", "refresh", "Access", "access ", "", None, 0, ["access"]),
    **claim("exp", DROP, 0, -1, None, True, "9999999999", "never", [9999999999], {}, 9999999999.5),
    **soon("exp", 0, -1, -2, -3600),
    "exp 1e10": lambda p: p.sign(claims=text_of(p, exp="1e10")),
    "exp with .0": lambda p: p.sign(claims=text_of(p, exp="9999999999.0")),
    "exp of 30 digits": lambda p: p.sign(claims=text_of(p, exp="9" * 30)),
    "exp 1e300": lambda p: p.sign(claims=text_of(p, exp="1e300")),
    "exp twice": lambda p: p.sign(claims=text_of(p, exp='1, "exp": 9999999999')),
    **claim("nbf", None, True, "0", [], 1.5, -1),
    **soon("nbf", 2, 60, 3600, 10**9),
    **claim("iat", None, True, "0", {}, 1.5, -1),
    **soon("iat", 2, 60, 3600, 10**9),
    **claim("sub", DROP, "", None, 0, True, ["user-1"], {}, "a\u0000b", "\u0000", "a\r\nb", "u" * 2049),
    "sub twice": lambda p: p.sign(claims=text_of(p, sub='"a", "sub": "b"')),
    "sub twice, escaped": lambda p: p.sign(claims=text_of(p, sub='"a", "s\\u0075b": "b"')),
    "iss twice": lambda p: p.sign(claims=text_of(p, iss=f'"x", "iss": "{ISSUER}"')),
    "payload is an array": lambda p: p.sign(claims=b"[1]"),
    "payload is a string": lambda p: p.sign(claims=b'"x"'),
    "payload is null": lambda p: p.sign(claims=b"null"),
    "payload is empty": lambda p: p.sign(claims={}),
    "payload is junk": lambda p: p.sign(claims=b"junk"),
    "payload with a BOM": lambda p: p.sign(claims=b"\xef\xbb\xbf" + json.dumps(p.claims()).encode()),
    "payload and more": lambda p: p.sign(claims=json.dumps(p.claims()).encode() + b"1"),
    "payload with NaN": lambda p: p.sign(claims=text_of(p, x="NaN")),
    "payload not UTF-8": lambda p: p.sign(claims=text_of(p, x='"?"').replace(b"?", b"\xff")),
    # What jansson does not read, mod_auth_openidc would log, and more than that (2.4.12.3).
    "an integer beyond 64 bit": lambda p: p.sign(claims=text_of(p, x="9" * 40)),
    "an inner integer beyond 64 bit": lambda p: p.sign(claims=text_of(p, x='[{"y": -9223372036854775809}]')),
    "a real beyond a double": lambda p: p.sign(claims=text_of(p, x="1e400")),
    "NUL in another claim": lambda p: p.token(x=["a\u0000b"]),
    "NUL in another name": lambda p: p.token(**{"x\u0000": 1}),
    "payload deep": lambda p: p.sign(claims=text_of(p, x="[" * 40 + "]" * 40)),
    "payload very deep": lambda p: p.sign(claims=b'{"a":' * 900),
    "payload of many": lambda p: p.token(**{f"m{i}": i for i in range(130)}),
    "payload encoded twice": lambda p: p.sign(claims=encode(p.claims()).encode()),
}


def other(pool, **header):
    return pool.sign(pool.header(**header), key=STRANGER)


# What only the key shows. mod_auth_openidc says so to itself.
SIGNATURES = {
    "a stranger's key": other,
    "another key of the pool": lambda p: p.sign(key=p.keys["k2"]),
    "RS512 under RS256's name": lambda p: p.sign(how=pools.rs512),
    "PS256 under RS256's name": lambda p: p.sign(how=pools.ps256),
    "HMAC under RS256's name": lambda p: p.sign(how=pools.hs(pem(p))),
    "the EC key under RS256's name": lambda p: p.sign(
        p.header(kid="e1"), key=p.keys["e1"], how=pools.es256
    ),
    "zeros": lambda p: p.sign(how=lambda k, d: b"\0" * 256),
    "a short one": lambda p: p.sign(how=lambda k, d: b"\0"),
    "cut": lambda p: p.token()[:-4],
    "longer": lambda p: p.token() + "AAAA",
    "other claims": lambda p: ".".join(
        [encode(p.header()), encode(p.claims(sub="admin")), p.token().rpartition(".")[2]]
    ),
    "another header": lambda p: ".".join(
        [encode(p.header(typ="x")), *p.token().split(".")[1:]]
    ),
    "unknown kid": lambda p: other(p, kid="unknown"),
    "unknown kid, the pool's key": lambda p: p.sign(p.header(kid="unknown")),
    "kid is a path": lambda p: other(p, kid="../../../../dev/null"),
    "kid is a URL": lambda p: other(p, kid="https://127.0.0.1:1/key"),
    "kid in another case": lambda p: p.sign(p.header(kid="K2"), key=p.keys["k2"]),
}


@pytest.mark.parametrize("name", [*SHAPES, *HEADERS, *CLAIMS])
def test_bad_tokens(world, pool, name):
    """Refused before mod_auth_openidc: no key is asked for, nothing is logged."""
    token = {**SHAPES, **HEADERS, **CLAIMS}[name](pool)
    at("tokens", world, pool)
    asked = pool.asked
    is_refused(world, raw(
        world.port, "GET", "/items/known", [f"Authorization: Bearer {token}"], host="tokens.test"
    ))
    assert pool.asked == asked
    assert "auth_openidc:" not in world.log_since_begin()


def at(host, world, pool):
    """Have the key set fetched, so that what comes is a hit of its own."""
    call = Client(world.port, host=host + ".test", token=pool.token())
    assert call("GET", "/items/known").status == 200
    call.close()
    world.strict["items"].clear()


@pytest.mark.parametrize("name", SIGNATURES)
def test_bad_signatures(world, pool, name):
    call = Client(world.port, host="tokens.test", token=SIGNATURES[name](pool))
    for _ in range(2):
        is_refused(world, call("GET", "/items/known"))
    assert "auth_openidc:" not in world.log_since_begin()


def test_there_are_enough(pool):
    assert len(SHAPES) + len(HEADERS) + len(CLAIMS) + len(SIGNATURES) >= 150


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW"])
def test_every_method(world, pool, method):
    for token, challenge in ((pool.token(token_use="id"), BAD), (other(pool), BAD), (None, "Bearer")):
        body = b'{"name":"a"}' if method in ("POST", "PUT", "PATCH") else b""
        headers = [f"Content-Length: {len(body)}"]
        for path in ("/items", "/items/known", "/items/", "/items/a/b"):
            reply = raw(
                world.port, method, path, headers, body, host="tokens.test", token=token
            )
            assert reply.status == 401 and reply.header("WWW-Authenticate") == challenge
    assert world.strict["items"].calls == []


def test_a_refused_body_leaves_the_connection_usable(world, pool):
    """Refused before the body was read, and the next request on the connection is answered right."""
    body = b'{"name":"' + b"a" * 100000 + b'"}'
    first = request_bytes(
        "POST", "/items", [f"Content-Length: {len(body)}"], body, host="tokens.test", token="junk"
    )
    second = request_bytes("GET", "/items/known", host="tokens.test", token=pool.token())
    answer = exchange(world.port, first + second, count=2)
    assert answer.startswith(b"HTTP/1.1 401") and b"secret name" in answer


def test_a_key_that_a_token_brings_along(world, pool):
    """Nobody is asked for keys at an address that a token names."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        public = STRANGER.public_key().public_numbers()
        own = {"kty": "RSA", "n": pools.number(public.n), "e": pools.number(public.e)}
        for more in ({"jku": url}, {"x5u": url}, {"jwk": own}, {"jku": url, "kid": DROP},
                     {"kid": url}, {"jwk": {**own, "kid": pool.kid}}):
            for key in (STRANGER, None):
                token = pool.sign(pool.header(**more), key=key)
                call = Client(world.port, host="tokens.test", token=token)
                is_refused(world, call("GET", "/items/known"))
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_it_expires(world, pool):
    """Accepted as long as it lasts, and no longer, also on the same connection."""
    call = Client(world.port, host="tokens.test", token=pool.token(exp=int(time.time()) + 2))
    assert call("GET", "/items/known").status == 200
    time.sleep(2.1)
    world.strict["items"].clear()
    is_refused(world, call("GET", "/items/known"))


def test_two_pools(world, pool):
    """Each virtual host takes its own pool's tokens, even where it knows the other one's keys."""
    ours = world.token
    theirs = pool.token()
    for host, good, bad in (("items", ours, theirs), ("tokens", theirs, ours)):
        call = Client(world.port, host=host + ".test")
        assert call("GET", "/items/known", token=good).status == 200
        world.strict["items"].clear()
        is_refused(world, call("GET", "/items/known", token=bad))
    assert Client(world.port, host="bothkeys.test", token=ours)("GET", "/items/known").status == 401
    own = world.token.split(".")
    forged = pool.sign(
        {**json.loads(base64.urlsafe_b64decode(own[0] + "==")), "alg": "RS256"},
        claims=base64.urlsafe_b64decode(own[1] + "=="),
    )
    is_refused(world, Client(world.port, host="items.test", token=forged)("GET", "/items/known"))


def test_keys_from_a_file(world, pool):
    """OIDCOAuthVerifyCertFiles: the other way to know keys."""
    good = pool.sign(pool.header(kid="own"), key=pool.keys["k2"])
    call = Client(world.port, host="bothkeys.test", token=good)
    assert call("GET", "/items/known").status == 200
    for token in (pool.sign(pool.header(kid="own")),
                  pool.sign(pool.header(kid="own"), pool.claims(exp=1), pool.keys["k2"])):
        assert call("GET", "/items/known", token=token).status == 401


# Other places for a token.


def test_other_places(world, pool):
    token = pool.token()
    call = Client(world.port, host="tokens.test")
    path = f"/items/known?access_token={token}"
    basic = base64.b64encode(f"x:{token}".encode()).decode()
    is_refused(world, call("GET", path), "Bearer")
    is_refused(world, call("GET", f"/items?limit=1&Access_Token={token}&x=y"), "Bearer")
    for headers in ({"Cookie": f"access_token={token}; mod_auth_openidc_session={token}"},
                    {"Proxy-Authorization": "Bearer " + token},
                    {"X-Authorization": "Bearer " + token},
                    {"Authorization": "Basic " + basic}, {"Authorization": token},
                    {"Authorization": "Bearer"}, {"Authorization": "Bearer\t" + token},
                    {"Authorization": "Bearer" + token}, {"Authorization": "Token " + token},
                    {"OIDC_access_token": token}, {"OIDC-access-token": token}):
        is_refused(world, call("GET", "/items/known", headers=headers), "Bearer")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    is_refused(world, call("POST", "/items", f"access_token={token}", headers=form), "Bearer")
    # what httpd refuses before it is a request
    for method, host, headers in (("CONNECT", "tokens.test", []), ("GET", None, []), ("GET", "a b", []),
                                  ("GET", "tokens.test", ["no colon"]), ("GE(T", "tokens.test", []),
                                  ("GET", "tokens.test", [f"X-{n}: 1" for n in range(110)]),
                                  ("GET", "tokens.test", ["X: " + "x" * 9000])):
        assert exchange(world.port, request_bytes(method, path, headers, host=host)).startswith(b"HTTP/1.1 400 ")
    exchange(world.port, request_bytes("GET", path + "x" * 9000, host="tokens.test"))
    with open(os.path.join(world.folder, "logs", "access.log"), encoding="utf-8") as log:
        written = log.read()
    assert "access_token=***" in written and "&x=y" in written
    assert token not in written and token.split(".")[2] not in written
    assert token not in world.server.log()


def test_two_headers(world, pool):
    good = f"Authorization: Bearer {pool.token()}"
    for first, second in ((good, good), (good, "Authorization: Bearer x.y.z"), (good, "Authorization:"),
                          (good, "Authorization: Basic eDp5"), ("Authorization: Basic eDp5", good),
                          ("Authorization:", good)):
        reply = raw(world.port, "GET", "/items/known", [first, second], host="tokens.test")
        assert reply.status in (400, 401) and world.strict["items"].calls == []


def test_another_host_takes_it_where_the_administrator_says(world, pool):
    """OIDCOAuthAcceptTokenAs with more than the header: it is the header's all the same."""
    token = pool.token()
    call = Client(world.port, host="anywhere.test")
    for path, headers in ((f"/items/known?access_token={token}", {}),
                          ("/items/known", {"Cookie": f"access_token={token}"})):
        is_refused(world, call("GET", path, headers=headers), "Bearer")
    assert call("GET", "/items/known", token=token).status == 200


SPOOFED = {
    "OIDC_CLAIM_sub": "admin", "OIDC_CLAIM_scope": "items/write", "OIDC-CLAIM-sub": "admin",
    "OIDC_CLAIM_iss": ISSUER, "REMOTE_USER": "admin", "X-Forwarded-User": "admin",
    "OIDC_access_token": "TOKEN", "Oidc-Access-Token": "TOKEN",
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW", "TRACE",
                                    "PROPFIND", "get", "OPTIONSX"])
def test_spoofed_headers(world, pool, method):
    headers = [f"{n}: {v.replace('TOKEN', pool.token())}" for n, v in SPOOFED.items()]
    headers.append("Content-Length: 0")
    for token, challenge in ((None, "Bearer"), (pool.token(iss="https://evil.example"), BAD),
                             (other(pool), BAD)):
        reply = raw(world.port, method, "/items/known", headers, host="tokens.test", token=token)
        assert reply.status == 401 and reply.header("WWW-Authenticate") == challenge
    assert world.strict["items"].calls == []


def test_options_with_spoofed_headers(world, pool):
    """Open, and so nothing of the table may be in it: mod_auth_openidc scrubs no headers here."""
    headers = [f"{n}: {v.replace('TOKEN', pool.token())}" for n, v in SPOOFED.items()]
    for token in (None, pool.token(exp=1), other(pool)):
        for path, status in (("/items", 204), ("/items/known", 204), ("/items/a/b", 404)):
            for more in ([], ["Origin: https://a.example", "Access-Control-Request-Method: PUT"]):
                reply = raw(world.port, "OPTIONS", path, headers + more, host="tokens.test", token=token)
                assert reply.status == (204 if more else status)
                assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


def test_spoofed_headers_beside_a_good_token(world, pool):
    """It is the token that counts."""
    read = pool.token(scope="items/read")
    call = Client(world.port, host="scoped.test", token=read)
    assert call("GET", "/items/known", headers=SPOOFED).status == 200
    assert call("PUT", "/items/known", {"name": "x"}, headers=SPOOFED).status == 403


def test_the_environment_alone_is_no_proof(world, pool):
    """It must hold the token that was judged, from the module that verifies: not another one, and not
    under another AuthType."""
    good, forged = pool.token(), other(pool)
    call = Client(world.port, host="env.test", token=good)
    for token in (forged, pool.token(exp=1), pool.token()[:-1]):
        is_refused(world, call("GET", "/items/known", headers={"X-Token": token}))
    basic = {"Authorization": "Basic " + base64.b64encode(b"joe:secret").decode()}
    for token in (forged, good):
        call = Client(world.port, host="basicenv.test")
        is_refused(world, call("GET", "/items/known", headers={"X-Token": token, **basic}), "Bearer")


# Scopes.

SCOPES = [  # claims, GET, PUT
    ({"scope": "items/read"}, 200, 403),
    ({"scope": "items/write"}, 403, 200),
    ({"scope": "items/admin"}, 200, 200),
    ({"scope": "a items/read b items/write"}, 200, 200),
    ({"scope": DROP, "scp": ["x", "items/read"]}, 200, 403),
    ({"scope": DROP, "scp": "x items/write"}, 403, 200),
    ({"scope": "x", "scp": ["items/read"]}, 200, 403),
    ({"scope": DROP}, 403, 403),
    ({"scope": ""}, 403, 403),
    ({"scope": None}, 403, 403),
    ({"scope": ["items/read"]}, 403, 403),
    ({"scope": {"items/read": 1}}, 403, 403),
    ({"scope": "items/reader"}, 403, 403),
    ({"scope": "Items/read"}, 403, 403),
    ({"scope": "items/read,items/write"}, 403, 403),
    ({"scope": "items/read\titems/write"}, 403, 403),
    ({"scope": "items/*"}, 403, 403),
    ({"scope": DROP, "scp": ["items/read", 1]}, 403, 403),
    ({"scope": DROP, "scp": [["items/read"]]}, 403, 403),
    ({"scope": DROP, "scp": ["items/read items/write"]}, 403, 403),
]


def lacks(reply, scopes):
    assert reply.status == 403, reply
    assert reply.header("WWW-Authenticate") == 'Bearer error="insufficient_scope"' + (
        f', scope="{scopes}"' if scopes else ""
    )


@pytest.mark.parametrize("claims, get, change", SCOPES, ids=[str(s[0]) for s in SCOPES])
def test_scopes(world, pool, claims, get, change):
    call = Client(world.port, host="scoped.test", token=pool.token(**claims))
    for method, body, wanted, scopes, calls in (
        ("GET", None, get, "items/read items/admin", ["GetItem"]),
        ("HEAD", None, get, "items/read items/admin", ["GetItem"]),
        ("PUT", {"name": "secret name"}, change, "items/write items/admin", ["UpdateItem"]),
    ):
        world.strict["items"].clear()
        reply = call(method, "/items/known", body)
        if wanted == 403:
            lacks(reply, scopes)
            assert method == "HEAD" or reply.json["code"] == "insufficient_scope"
            assert world.strict["items"].calls == []
        else:
            assert reply.status == 200 and world.strict["items"].operations() == calls


def test_methods_that_ask_for_nothing_are_closed(world, pool):
    """Once there is an ItemsScope: DELETE, PATCH and what nobody knows. OPTIONS is open."""
    call = Client(world.port, host="scoped.test", token=pool.token(scope="items/read items/admin"))
    for method in ("DELETE", "PATCH", "BREW"):
        lacks(call(method, "/items/known", b"" if method == "PATCH" else None), None)
    assert call("OPTIONS", "/items/known", token=None).status == 204
    assert world.strict["items"].calls == []


def test_no_token_is_no_lack_of_scope(world, pool):
    call = Client(world.port, host="scoped.test")
    is_refused(world, call("DELETE", "/items/known"), "Bearer")
    is_refused(world, call("DELETE", "/items/known", token=other(pool)))


# What the log says.


def reasons(world):
    """Our lines but ITEMS1007, which every refused request has."""
    return [
        line for line in world.log_since_begin().splitlines()
        if "request_id" in line and "ITEMS1007" not in line
    ]


def test_one_line_of_ours_at_debug(world, pool):
    """The reason, without anything of the token."""
    call = Client(world.port, host="tokenlog.test")
    token = pool.token(iss="https://evil.example", kid="x", sub="someone")
    is_refused(world, call("GET", "/items/known", token=token))
    lines = reasons(world)
    assert len(lines) == 1
    assert "[items:debug]" in lines[0] and LINE in lines[0] and "iss is not" in lines[0]
    for secret in ("evil", "someone", *token.split(".")):
        assert secret not in world.log_since_begin()


def test_one_line_of_ours_for_a_bad_signature(world, pool):
    call = Client(world.port, host="tokenlog.test", token=other(pool))
    is_refused(world, call("GET", "/items/known"))
    lines = reasons(world)
    assert len(lines) == 1 and "[items:info]" in lines[0] and SIGNATURE in lines[0]
    assert pool.kid not in world.log_since_begin()


def test_one_line_of_ours_for_an_unknown_key(world, pool):
    call = Client(world.port, host="tokenlog.test", token=other(pool, kid="looked-up"))
    is_refused(world, call("GET", "/items/known"))
    lines = reasons(world)
    assert len(lines) == 1 and "[items:debug]" in lines[0] and LINE in lines[0]
    assert "no such key" in lines[0] and "looked-up" not in world.log_since_begin()


def test_a_good_token_has_no_such_line(world, pool):
    call = Client(world.port, host="tokenlog.test", token=pool.token())
    assert call("GET", "/items/known").status == 200
    assert call("GET", "/items/absent").status == 404
    log = world.log_since_begin()
    assert LINE not in log and SIGNATURE not in log and "ITEMS1008" in log


def test_a_require_line_that_wants_more_is_no_bad_signature(world, pool):
    call = Client(world.port, host="required.test", token=pool.token())
    is_refused(world, call("GET", "/items/known"))
    assert SIGNATURE not in world.log_since_begin()
    assert call("GET", "/items/known", token=pool.token(level="high")).status == 200
    world.expect("AH01631")  # httpd's own word on it


def test_the_administrator_may_hear_mod_auth_openidc(world, pool):
    call = Client(world.port, host="verbose.test", token=other(pool))
    is_refused(world, call("GET", "/items/known"))
    world.expect("[auth_openidc:error]")


def test_a_token_that_is_not_handed_over(world, pool):
    """OIDCPassClaimsAs headers: nobody can come in, and the log says why."""
    call = Client(world.port, host="headers.test", token=pool.token())
    reply = call("GET", "/items/known")
    is_refused(world, reply)
    world.expect("ITEMS1011")
    line, = [line for line in world.log_since_begin().splitlines() if "ITEMS1011" in line]
    assert "request_id=" + reply.header("X-Request-Id") in line


def test_a_session_is_no_token(world, pool):
    """AuthType auth-openidc takes both; without a Bearer token nobody is sent to a login page."""
    call = Client(world.port, host="both.test")
    is_refused(world, call("GET", "/items/known", headers={"Cookie": "mod_auth_openidc_session=x"}),
               "Bearer")
    assert call("GET", "/items/known", token=pool.token()).status == 200
    world.strict["items"].clear()
    is_refused(world, call("GET", "/items/known", token=pool.token(exp=1)))


def test_prefork_and_worker(each_world):
    """The whole table under every MPM."""
    put(each_world, "items", id="known", name="secret name")
    pool = each_world.pool
    call = Client(each_world.port, host="tokens.test")
    assert call("GET", "/items/known", token=pool.token()).status == 200
    each_world.strict["items"].clear()
    asked = pool.asked
    for name, make in {**SHAPES, **HEADERS, **CLAIMS}.items():
        header = f"Authorization: Bearer {make(pool)}"
        reply = raw(each_world.port, "GET", "/items/known", [header], host="tokens.test")
        assert reply.status == 401 and reply.header("WWW-Authenticate") == BAD, name
    assert pool.asked == asked
    for make in SIGNATURES.values():
        is_refused(each_world, call("GET", "/items/known", token=make(pool)))
    assert each_world.strict["items"].calls == []
    assert "auth_openidc:" not in each_world.log_since_begin()
