# SPDX-License-Identifier: Apache-2.0
"""mod_auth_openidc's mixed mode (AuthType auth-openidc): who has a browser's session is somebody for the rest of
the site, and nobody for /items. There it is the bearer token of the very request, verified for it, or nothing.

The session's own access token stands in the environment as a verified one does. Its provider may be any, and
may put there what it likes; so here it holds what the header says as well, bytes that nobody has verified.
"""

import os

import pytest
from client import Client, raw
from pools import DROP
from sessions import AMBIENT, ELSEWHERE, HEADER, TOKENS, USER, Sessions
from tables import put
from test_tokens import BAD, STRANGER

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW", "TRACE"]


@pytest.fixture(scope="module", params=["event", "prefork"])
def sessions(folder, emulator, issuer, keys, request):
    place = os.path.join(folder, "sessions-" + request.param)
    os.mkdir(place, 0o755)
    world = Sessions(place, request.param, emulator, issuer, keys)
    world.start()
    assert world.grave_lines(world.server.log()) == []
    yield world
    assert world.stop() == []


@pytest.fixture
def world(sessions):
    sessions.begin_test()
    put(sessions, "items", id="known", name="secret name")
    yield sessions
    assert sessions.end_test() == []


@pytest.fixture
def pool(world):
    return world.pool


def forged(pool):
    """Says all the right things, and is signed by somebody else."""
    return pool.sign(key=STRANGER)


def ask(world, host, method, session, token=None, path="/items/known", headers=()):
    fields = [f"{name}: {value}" for name, value in session.items()] + list(headers)
    body = b'{"name":"changed"}' if method in ("POST", "PUT", "PATCH") else b""
    fields += ["Accept: text/html", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return raw(world.port, method, path, fields, body, host=host + ".test", token=token)


def is_closed(world, reply, status=401, challenge=BAD):
    assert reply.status == status, reply
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []
    if status == 401:
        assert reply.header("WWW-Authenticate") == challenge


@pytest.mark.parametrize("host", {**TOKENS, **AMBIENT})
def test_a_session_is_somebody(world, pool, host):
    """For the rest of the site, with the token that the provider has left."""
    token = forged(pool)
    reply = Client(world.port, host=host + ".test")(
        "GET", "/app/page.html", headers=world.log_in(host, token))
    assert reply.status == 200 and reply.header("X-User") == USER
    assert reply.header("X-Token") == token


@pytest.mark.parametrize("host", TOKENS)
def test_a_session_alone(world, pool, host):
    """Nor with its own token in it, be it a good one. No unsafe method, and no form of another site."""
    for token in (pool.token(), forged(pool)):
        session = world.log_in(host, token)
        for method in METHODS:
            is_closed(world, ask(world, host, method, session), challenge="Bearer")
        for path in ("/items", "/items/", "/items?limit=1"):
            is_closed(world, ask(world, host, "GET", session, path=path), challenge="Bearer")
        form = {**session, "Content-Type": "application/x-www-form-urlencoded"}
        reply = Client(world.port, host=host + ".test")("POST", "/items", b"name=x", headers=form)
        is_closed(world, reply, challenge="Bearer")


@pytest.mark.parametrize("host", TOKENS)
def test_a_session_and_a_bad_token(world, pool, host):
    """The session's own, with claims that are all right; another; and such as are refused for what they say."""
    own = forged(pool)
    session = world.log_in(host, own)
    for token in (own, own, pool.sign(claims=pool.claims(sub="x"), key=STRANGER), own[:-4] + "AAAA",
                  pool.token(exp=1), pool.token(exp=DROP), pool.token(token_use="id"), "junk"):
        for method in METHODS:
            is_closed(world, ask(world, host, method, session, token))
    # And with the session gone nothing of it is left, in a memory of tokens least of all.
    if host in HEADER:
        is_closed(world, ask(world, host, "GET", {}, own))


@pytest.mark.parametrize("host", TOKENS)
def test_a_session_and_a_good_token(world, pool, host):
    """Where mod_auth_openidc verifies the header it is the token's user who comes in. Where it looks for tokens
    elsewhere, or for none, nobody has verified this one: not even when the session holds the same."""
    good = pool.token()
    for session in (world.log_in(host, good), world.log_in(host, forged(pool))):
        if host in HEADER and host != "headeronly":
            for _ in range(2):
                reply = ask(world, host, "GET", session, good)
                assert reply.status == 200 and b"secret name" in reply.body
                assert reply.header("X-User") == "user-1"
            reply = ask(world, host, "PUT", session, good)
            assert reply.status == 200 and reply.header("X-User") == "user-1"
            put(world, "items", id="known", name="secret name")
        else:
            for method in METHODS:
                is_closed(world, ask(world, host, method, session, good))
    if host == "headeronly":
        world.expect("AH01631")


@pytest.mark.parametrize("host", ELSEWHERE)
def test_no_session_and_a_token_that_nobody_looks_at(world, pool, host):
    """Whatever mod_auth_openidc does without a session, nobody comes in."""
    status = {"407": 407, "410": 410, "pass": 401, "401": 401}.get(host.removeprefix("query"), 302)
    for token in (pool.token(), forged(pool)):
        for method in METHODS:
            reply = ask(world, host, method, {}, token)
            # of what is no page it makes no login
            assert reply.status == status or (status == 302 and reply.status == 401), (method, reply)
            is_closed(world, reply, reply.status)


@pytest.mark.parametrize("host", ["headerauth", "queryauth", "sessionauth"])
def test_pages_that_include_and_redirect(world, pool, host):
    """The user of a page, and its environment with the session's token, go along to what it includes; to what it
    redirects to only the user does. Neither is a token that was verified for /items."""
    own = forged(pool)
    good = pool.token()
    for held in (own, good):
        session = world.log_in(host, held)
        for path in ("/app/page.shtml", "/app/old/known"):
            for token in (None, own, good):
                reply = ask(world, host, "GET", session, token, path)
                assert b"secret name" not in reply.body, (path, reply)
                assert reply.status == (200 if path.endswith("shtml") else 401)
    assert world.strict["items"].calls == []
    if host != "sessionauth":  # there mod_include finds out only when it has the answer
        world.expect("unable to include")


# ItemsIssuer none: whom mod_auth_openidc names is who it is.


@pytest.mark.parametrize("host", AMBIENT)
def test_a_session_where_any_user_will_do(world, pool, host):
    session = world.log_in(host, "opaque")
    reply = ask(world, host, "GET", session)
    assert reply.status == 200 and b"secret name" in reply.body and reply.header("X-User") == USER
    assert ask(world, host, "PUT", session).status == 200
    world.strict["items"].clear()
    for kind in (None, "application/x-www-form-urlencoded", "text/plain"):
        headers = {**session, **({"Content-Type": kind} if kind else {})}
        reply = Client(world.port, host=host + ".test")("POST", "/items", b'{"name":"x"}', headers=headers)
        is_closed(world, reply, 415)
    for session in ({}, {"Cookie": "mod_auth_openidc_session=x"}):
        for method in METHODS:
            reply = ask(world, host, method, session)
            assert reply.status in ((401,) if host == "ambient401" else (302, 401)), reply
            assert world.strict["items"].calls == []


def test_no_token_in_the_log(world):
    assert "eyJ" not in world.server.log()
