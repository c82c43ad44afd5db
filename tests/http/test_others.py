# SPDX-License-Identifier: Apache-2.0
"""Other authentication than mod_auth_openidc's: httpd's own, client certificates, and mod_oauth2, each
for real. Nobody is known but by what a module has found out about this very request."""

import base64
import http.client
import os
import re
import socket
import ssl
import time

import pytest
from client import Client, Reply, curl, raw
from others import AWAY, Inner, Others
from pools import DROP
from tables import put
from test_tokens import BAD, CLAIMS, GOOD, HEADERS, SCOPES, SHAPES, SIGNATURES, SPOOFED, other

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "BREW", "TRACE"]


def basic(user="joe", password="secret"):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture(scope="module", params=["event", "prefork"])
def others(folder, emulator, issuer, keys, request):
    place = os.path.join(folder, "others-" + request.param)
    os.mkdir(place, 0o755)
    with Others(place, request.param, emulator, issuer, keys).running() as world:
        yield world


@pytest.fixture
def world(others):
    with others.gated():
        put(others, "items", id="known", name="secret name")
        yield others


@pytest.fixture
def pool(world):
    return world.pool


def is_refused(world, reply, challenge=None, status=401):
    assert reply.status == status, reply
    assert reply.header("WWW-Authenticate") == challenge
    assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []


# httpd's own.


def test_basic(world, at):
    call = at("basic", token=None)
    assert call("GET", "/items/known", headers=basic()).json["data"]["name"] == "secret name"
    world.strict["items"].clear()
    for headers in ({}, basic("joe", "wrong"), basic("", ""), basic("jane"), {"Authorization": "Basic"},
                    {"Authorization": "Basic ="}, {"Authorization": f"Bearer {world.pool.token()}"}):
        reply = call("GET", "/items/known", headers=headers)
        is_refused(world, reply, 'Basic realm="items"')
        assert reply.json["code"] == "unauthorized"
    world.expect("AH01617", "AH01618", "AH01614")


def test_a_user_without_a_name_is_nobody(world, at):
    """httpd's own Require valid-user lets it in."""
    is_refused(world, at("basic", token=None)("GET", "/items/known", headers=basic("", "secret")),
               'Basic realm="items"')


def test_digest(world):
    url = f"http://digest.test:{world.port}/items/known"
    resolve = ("--resolve", f"digest.test:{world.port}:127.0.0.1")
    _, reply = curl("--digest", "--user", "joe:secret", *resolve, url)
    assert reply.status == 401
    assert b"secret name" in reply.body.rpartition(b"HTTP/1.1 200 OK")[2]
    world.strict["items"].clear()
    reply = Client(world.port, host="digest.test")("GET", "/items/known")
    assert reply.header("WWW-Authenticate").startswith('Digest realm="items", nonce="')
    assert reply.status == 401 and world.strict["items"].calls == []


def test_a_require_line_that_wants_somebody_else(world, at):
    is_refused(world, at("jane", token=None)("GET", "/items/known", headers=basic()),
               'Basic realm="items"')
    world.expect("AH01631")


@pytest.mark.parametrize("host, challenge", [
    ("unasked", 'Basic realm="items"'), ("unaskeddigest", 'Digest realm="items", nonce='),
    ("unaskedgssapi", "Negotiate"), ("unaskedform", "form"), ("unaskedambient", "Bearer"),
    ("unaskedodd", None), ("nothing", None),
])
@pytest.mark.parametrize("method", METHODS)
def test_nobody_was_asked(world, host, challenge, method):
    """Credentials that nobody has looked at count for nothing, and the answer names the site's own
    scheme; where there is none, 403: RFC 9110 wants no 401 without a challenge."""
    for headers in ({}, basic(), {"Authorization": f"Bearer {world.pool.token()}"}, SPOOFED):
        fields = [f"{name}: {value}" for name, value in headers.items()] + ["Content-Length: 0"]
        reply = raw(world.port, method, "/items/known", fields, host=host + ".test")
        if challenge and challenge.endswith("="):
            assert reply.header("WWW-Authenticate").startswith(challenge)
        else:
            assert reply.header("WWW-Authenticate") == challenge
        assert reply.status == (401 if challenge else 403) and b"secret name" not in reply.body
        assert method == "HEAD" or reply.json["code"] == ("unauthorized" if challenge else "forbidden")
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("host", ["basic", "unasked", "scoped"])
def test_options(world, at, host):
    """Without identity, without a call, and without anything of the table."""
    for path in ("/items", "/items/known", "/items/absent"):
        reply = at(host, token=None)("OPTIONS", path, headers=SPOOFED)
        assert reply.status == 204 and reply.body == b""
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("host, headers", [("basic", basic()), ("ambient", None)])
def test_no_forms(world, at, pool, host, headers):
    """A browser adds such credentials to another site's form."""
    call = at(host, token=None if headers else pool.token())
    for kind in (None, "", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data",
                 "application/x-www-form-urlencoded; charset=utf-8", "application/json, text/plain"):
        fields = {} if kind is None else {"Content-Type": kind}
        for method, path in (("POST", "/items"), ("PUT", "/items/known")):
            reply = call(method, path, b'{"name":"a"}', headers={**(headers or {}), **fields})
            assert reply.status == 415, (kind, reply)
    assert world.strict["items"].calls == []
    fields = {**(headers or {}), "Content-Type": "application/json"}
    assert call("POST", "/items", b'{"name":"a"}', headers=fields).status == 201


def test_scopes_from_a_variable(world, at):
    call = at("scoped", token=None)
    assert call("GET", "/items/known", headers=basic()).status == 200
    assert call("HEAD", "/items/known", headers=basic()).status == 200
    world.strict["items"].clear()
    for method in ("PUT", "DELETE", "PATCH", "BREW"):
        body = b'{"name":"a"}' if method in ("PUT", "PATCH") else None
        reply = call(method, "/items/known", body, headers=basic())
        is_refused(world, reply, status=403)
        assert reply.json["code"] == "insufficient_scope"


def test_scopes_are_in_no_header(world, at):
    """The variable is not there: nobody has any, whatever headers say."""
    for name in ("ITEMS_SCOPES", "ITEMS-SCOPES", "Items-Scopes", "REDIRECT_ITEMS_SCOPES",
                 "HTTP_ITEMS_SCOPES"):
        call = at("unscoped", token=None)
        for method, body in (("GET", None), ("PUT", {"name": "x"})):
            reply = call(method, "/items/known", body,
                         headers={**basic(), name: "items/read items/write"})
            is_refused(world, reply, status=403)


# What one request passes on to another.


@pytest.fixture(scope="module", params=["event", "prefork"])
def alone(folder, emulator, issuer, keys, request):
    """Without mod_oauth2, which, once it is loaded, lets every redirect and sub-request of the whole server
    have the user that it comes from, whatever its AuthType."""
    place = os.path.join(folder, "inner-" + request.param)
    os.mkdir(place, 0o755)
    with Inner(place, request.param, emulator, issuer, keys).running() as world:
        yield world


@pytest.fixture
def inner(alone):
    with alone.gated():
        put(alone, "items", id="known", name="secret name")
        yield alone


def comes_along(world, host):
    """From a place where joe is known, or nobody, by an internal redirect or an included file: the user
    that is taken along is none of /items' own."""
    call = Client(world.port, host=host + ".test")
    for path in ("/old/known", "/pages/page.shtml", "/page.shtml"):
        for headers in ({}, basic(), {"Authorization": f"Bearer {world.pool.token(exp=1)}"},
                        {"Authorization": f"Bearer {other(world.pool)}"}, SPOOFED):
            if host == "inner" and headers == basic():
                continue  # the same authentication
            reply = call("GET", path, headers=headers)
            assert b"secret name" not in reply.body, (path, headers, reply)
    call.close()
    assert world.strict["items"].calls == []
    world.expect("unable to include", "AH01614")


@pytest.mark.parametrize("host", ["innertaken", "publicopenidc"])
def test_padded_tokens(inner, host):
    """libcjose ends the process on one; where tokens are mod_auth_openidc's business alone it gets none."""
    call = Client(inner.port, host=host + ".test")
    good = inner.pool.token()
    for token in ("a=.b.c", "ab==.cd.ef", "a.b=.c", good + "=", good.replace(".", "=.", 1)):
        is_refused(inner, call("GET", "/items/known", token=token), BAD)
    call.close()


@pytest.mark.parametrize("host", ["inner", "innertaken", "inneropenidc"])
def test_redirects_and_sub_requests(inner, host):
    comes_along(inner, host)
    if host == "innertaken":  # its log is its own business
        inner.expect("[auth_openidc:error]", "[auth_openidc:warn]")


@pytest.mark.parametrize("host", ["inner", "innertaken", "inneropenidc", "innertoken", "innerambient"])
def test_redirects_and_sub_requests_beside_mod_oauth2(world, host):
    comes_along(world, host)
    if host in ("innerambient", "innertoken"):  # it logs for the page that includes
        world.expect("[oauth2:warn]")
    if host == "innerambient":
        world.expect("[oauth2:error]")
    if host == "innertaken":
        world.expect("[auth_openidc:error]", "[auth_openidc:warn]")


def test_a_token_that_was_good_enough_elsewhere(inner):
    """mod_auth_openidc accepts tokens without exp, of other clients, and ID tokens; behind it, /items is
    reached by a redirect and by an included file, and mod_auth_openidc hands the user on."""
    pool = inner.pool
    call = Client(inner.port, host="innersame.test")
    for token in (pool.token(exp=DROP), pool.token(client_id="x"), pool.token(token_use="id"), pool.token()):
        for path in ("/old/known", "/pages/page.shtml"):
            reply = call("GET", path, token=token)
            assert b"secret name" not in reply.body, (path, reply)
    call.close()
    assert inner.strict["items"].calls == []
    inner.expect("unable to include")


def test_a_redirect_that_is_authenticated_anew(inner):
    """By mod_auth_basic, which looks at the credentials again: as good as without the redirect."""
    call = Client(inner.port, host="inner.test")
    for path in ("/page.shtml", "/old/known", "/pages/page.shtml"):
        assert b"secret name" in call("GET", path, headers=basic()).body, path


WAYS = ("/old/known", "/pages/page.shtml", "/index/", "/fall/x", "/maps/map.var", "/nowhere")


def told(world, host, path, headers):
    """What a client is told, and what DynamoDB is asked."""
    world.strict["items"].clear()
    call = Client(world.port, host=host + ".test")
    reply = call("GET", path, headers={"X-Request-Id": "one", **headers})
    call.close()
    return (reply.status, reply.body, reply.header("WWW-Authenticate"), reply.header("X-Claim"),
            world.strict["items"].operations())


@pytest.mark.parametrize("outer", ["open", "basic", "token", "mixed"])
def test_a_remembered_token_that_comes_along(inner, outer):
    """By redirect and sub-request everything is as it is without a memory: what the other place knows of
    somebody is no identity here, and what comes in from an open place is verified, each time."""
    pool = inner.pool
    host = f"way{outer}"

    def ask(memory, path, headers):
        return told(inner, host + memory, path, headers)

    def bearer(**claims):
        return {"Authorization": f"Bearer {pool.token(**claims)}"}

    ask("memory", "/items/known", bearer())  # the first token of a key is not kept
    kept, new = bearer(jti=outer), bearer(jti=outer + "new")
    assert [ask("memory", "/items/known", kept)[3] for _ in range(2)] == ["user-1", "(null)"]
    bad = [{}, basic(), bearer(exp=1), bearer(client_id="x"), bearer(exp=DROP), bearer(token_use="id"),
           {"Authorization": f"Bearer {other(pool)}"}, {"Authorization": "Bearer junk"}]
    ways = []
    for path in WAYS:
        for headers in (kept, new, *bad):
            plain, remembering = ask("", path, headers), ask("memory", path, headers)
            assert plain == remembering, (path, headers)
            assert headers in (kept, new) or b"secret name" not in plain[1], (path, headers)
        if b"secret name" in ask("memory", path, kept)[1]:
            ways.append(path)
    assert ways == (["/old/known", "/pages/page.shtml", "/maps/map.var"] if outer == "open" else [])
    # And what came along is not known now.
    assert ask("memory", "/items/known", new)[3] == "user-1"
    # A redirect within: where the first request's token is remembered.
    for headers in (kept, *bad):
        plain = ask("", "/items/moved", headers)
        assert plain == ask("memory", "/items/moved", headers)
        assert plain[0] == 401 and plain[4] == []


@pytest.mark.parametrize("name", AWAY)
def test_a_remembered_token_that_goes_elsewhere(inner, name):
    """A place that /items is redirected to may go by claims: they are there, and so are the variables."""
    pool = inner.pool
    told(inner, "awaymemory", "/items/known", {"Authorization": f"Bearer {pool.token()}"})
    seen = []
    for claims in ({}, {"level": "high"}, {"blocked": "1"}, {"level": "high", "blocked": "1"}, {"sub": "user-2"}):
        headers = {"Authorization": f"Bearer {pool.token(jti=name, **claims)}"}
        for place in ("/items/known", f"/items/away-{name}", f"/items/away-{name}", "/items/known"):
            plain, remembering = (told(inner, host, place, headers) for host in ("away", "awaymemory"))
            assert plain[:3] == remembering[:3], (place, claims)
        assert remembering[3] == "(null)"
        seen.append(told(inner, "awaymemory", f"/items/away-{name}", headers)[0])
    assert seen == {
        "user": [200, 200, 200, 200, 401], "claim": [401, 200, 401, 200, 401], "basic": [401] * 5,
        "notclaim": [200, 200, 401, 401, 200], "env": [403, 200, 403, 200, 403],
        "header": [403, 200, 403, 200, 403],
        "notenv": [200, 200, 403, 403, 200], "open": [200] * 5,
    }[name]
    if seen != [200] * 5:
        inner.expect("AH01614" if name == "basic" else "AH0163")


# Client certificates.


def over_tls(world, host, pair=None, headers=None, method="GET", path="/items/known", body=None):
    context = ssl.create_default_context(cafile=world.emulator.authority.file)
    context.check_hostname = False
    if pair:
        context.load_cert_chain(*pair)
    name = host + ".test"
    connection = http.client.HTTPSConnection("127.0.0.1", world.tls_port)
    sock = socket.create_connection(("127.0.0.1", world.tls_port), 20)
    connection.sock = context.wrap_socket(sock, server_hostname=name)
    connection.request(method, path, body, {"Host": name, **(headers or {})})
    response = connection.getresponse()
    reply = Reply(response.status, response.getheaders(), response.read())
    connection.close()
    return reply


def test_certificates(world):
    for host in ("certified", "required", "anyca", "certscoped"):
        reply = over_tls(world, host, world.good)
        assert reply.status == 200, (host, reply)
    world.strict["items"].clear()
    for headers in ({}, basic(), SPOOFED, {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL-Client-S-DN-CN": "joe"}):
        is_refused(world, over_tls(world, "certified", None, headers), status=403)
        is_refused(world, over_tls(world, "anyca", None, headers), status=403)
        is_refused(world, over_tls(world, "anyca", world.bad, headers), status=403)
        is_refused(world, over_tls(world, "anycaoauth2", world.bad, headers), "Bearer")
        is_refused(world, over_tls(world, "anycaenv", world.bad, {**headers, "X-Token": "x"}), status=403)
    is_refused(world, over_tls(world, "nameless", world.good), status=403)
    for pair in (None, world.bad):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            over_tls(world, "required", pair)
    world.expect("[ssl:error]", "AH02227")  # mod_ssl's own words on certificates


def test_certificates_as_basic(world):
    """FakeBasicAuth: mod_ssl puts the subject where a name and password would stand."""
    assert over_tls(world, "faked", world.good).status == 200
    world.strict["items"].clear()
    is_refused(world, over_tls(world, "faked"), 'Basic realm="items"')
    # what a certificate says can't be said by hand
    assert over_tls(world, "faked", None, basic("/CN=joe", "password")).status in (401, 403)
    assert world.strict["items"].calls == []
    world.expect("AH02035")


@pytest.mark.parametrize("host", ["certoidc", "certtokens", "certunasked"])
def test_certificates_beside_tokens(world, host):
    """A user that SSLUserName names is enough for `Require valid-user`, so that httpd has nobody look at the
    token: then nobody has verified it, and nobody comes in."""
    good, forged = ({"Authorization": f"Bearer {token}"} for token in (world.pool.token(), other(world.pool)))
    if host != "certunasked":
        assert over_tls(world, host, None, good).status == 200
        world.strict["items"].clear()
    for pair in (None, world.bad, world.good):
        is_refused(world, over_tls(world, host, pair), "Bearer")
        is_refused(world, over_tls(world, host, pair, forged), BAD)
        if pair or host == "certunasked":
            is_refused(world, over_tls(world, host, pair, good), BAD)
    world.expect("AH02227")


FORM = "application/x-www-form-urlencoded"


def test_public_takes_no_forms_of_somebody(world, at):
    """ItemsPublic On behind a password or a certificate: the browser adds those all the same."""
    for headers, wanted in ((basic(), 415), ({}, 401)):
        for kind in (FORM, None):
            fields = {**headers, **({"Content-Type": kind} if kind else {})}
            assert at("publicbasic", token=None)("POST", "/items", b'{"name":"a"}', fields).status == wanted
    fields = {**basic(), "Content-Type": "application/json"}
    assert at("publicbasic", token=None)("POST", "/items", b'{"name":"a"}', fields).status == 201
    for pair, wanted in ((world.good, 415), (None, 201)):
        reply = over_tls(world, "publiccertified", pair, {"Content-Type": FORM}, "POST", "/items", b'{"name":"a"}')
        assert reply.status == wanted, (pair, reply)


def test_certificates_take_no_forms(world):
    for kind, status in ((None, 415), ("application/x-www-form-urlencoded", 415),
                         ("application/json", 201)):
        reply = over_tls(world, "required", world.good, {"Content-Type": kind} if kind else {},
                         "POST", "/items", b'{"name":"a"}')
        assert reply.status == status


# mod_oauth2: the same claims, as strictly.


@pytest.mark.parametrize("name", GOOD)
def test_oauth2_good_tokens(world, at, pool, name):
    reply = at("tokens", token=GOOD[name](pool))("GET", "/items/known")
    assert reply.status == 200 and reply.json["data"]["name"] == "secret name"


@pytest.mark.parametrize("table", [SHAPES, HEADERS, CLAIMS], ids=["shapes", "headers", "claims"])
def test_oauth2_bad_tokens(world, pool, table):
    """Refused before mod_oauth2: no key is asked for, nothing is logged."""
    Client(world.port, host="tokens.test", token=pool.token())("GET", "/items/known")
    world.strict["items"].clear()
    asked = pool.asked
    for name, make in table.items():
        if name == "a long signature":
            continue  # only the key shows that it is wrong, and mod_oauth2 then asks for keys again
        header = f"Authorization: Bearer {make(pool)}"
        reply = raw(world.port, "GET", "/items/known", [header], host="tokens.test")
        assert reply.status == 401 and reply.header("WWW-Authenticate") == BAD, name
        assert b"secret name" not in reply.body
    assert world.strict["items"].calls == [] and pool.asked == asked
    assert "oauth2:" not in world.log_since_begin()


def test_oauth2_bad_signatures(world, pool):
    call = Client(world.port, host="tokens.test")
    for make in SIGNATURES.values():
        token = make(pool)
        is_refused(world, call("GET", "/items/known", token=token), BAD)
        assert token.split(".")[2] not in world.log_since_begin() or len(token.split(".")[2]) < 8
    assert "oauth2:" not in world.log_since_begin()


def test_oauth2_says_why_at_info(world, pool):
    call = Client(world.port, host="logged.test", token=other(pool))
    is_refused(world, call("GET", "/items/known"), BAD)
    assert "ITEMS1010: token refused by mod_oauth2.c" in world.log_since_begin()


def test_oauth2_beside_a_token_memory(world, pool):
    """ItemsTokenMemory is not for mod_oauth2, which has one: it is asked each time, and its variables are
    there each time."""
    token = pool.token()
    text, _, signature = token.rpartition(".")
    for _ in range(3):
        reply = Client(world.port, host="memory.test", token=token)("GET", "/items/known")
        assert reply.status == 200 and reply.header("X-Claim") == "user-1"
    world.strict["items"].clear()
    for bad in (f"{text}.{signature[:10]}{'B' if signature[10] == 'A' else 'A'}{signature[11:]}",
                other(pool), pool.token(exp=1), pool.token(client_id="x")):
        is_refused(world, Client(world.port, host="memory.test", token=bad)("GET", "/items/known"), BAD)
    soon = pool.token(exp=int(time.time()) + 2)
    call = Client(world.port, host="memory.test", token=soon)
    assert call("GET", "/items/known").status == 200
    time.sleep(2.1)
    world.strict["items"].clear()
    is_refused(world, call("GET", "/items/known"), BAD)


@pytest.mark.parametrize("method", METHODS)
def test_oauth2_spoofed_headers(world, pool, method):
    """It scrubs no headers when it passes none."""
    good = pool.token()
    headers = [f"{n}: {v.replace('TOKEN', good)}" for n, v in SPOOFED.items()]
    headers += [f"OAUTH2_CLAIM_access_token: {good}", "OAUTH2-CLAIM-sub: admin",
                f"OAUTH2-CLAIM-access-token: {good}", "Content-Length: 0"]
    for host in ("tokens", "ambient", "unaskedtokens", "unaskedambient"):
        for token in (None, pool.token(exp=1), other(pool)):
            reply = raw(world.port, method, "/items/known", headers, host=host + ".test", token=token)
            assert reply.status == 401 and reply.header("WWW-Authenticate").startswith("Bearer")
            assert b"secret name" not in reply.body
    assert world.strict["items"].calls == []
    world.expect("[oauth2:error]", "[oauth2:warn]")


@pytest.mark.parametrize("claims, get, change", SCOPES, ids=[str(s[0]) for s in SCOPES])
def test_oauth2_scopes(world, pool, claims, get, change):
    call = Client(world.port, host="scopedtokens.test", token=pool.token(**claims))
    assert call("GET", "/items/known").status == get
    assert call("PUT", "/items/known", {"name": "secret name"}).status == change


def test_oauth2_that_keeps_the_token_to_itself(world, pool):
    """Nobody can come in, and the log says why."""
    for host in ("kept", "renamed"):
        call = Client(world.port, host=host + ".test", token=pool.token())
        is_refused(world, call("GET", "/items/known"), BAD)
    world.expect("ITEMS1011: mod_oauth2.c has verified a token, but does not hand it over")


def test_oauth2_that_was_not_asked(world, pool):
    """`Require all granted`, and a Location without OAuth2TokenVerify."""
    is_refused(world, Client(world.port, host="unaskedtokens.test", token=pool.token())(
        "GET", "/items/known"), BAD)
    is_refused(world, Client(world.port, host="unverified.test", token=pool.token())(
        "GET", "/items/known"), BAD)


def test_oauth2_in_mixed_mode(world, pool):
    """Once mod_oauth2 is loaded, it is mod_auth_openidc's no more, so that not even a good token comes in."""
    for host in ("mixed", "mixedmemory"):
        for token in (pool.token(), other(pool), pool.token(exp=1), None):
            for _ in range(2):
                reply = Client(world.port, host=host + ".test", token=token)("GET", "/items/known")
                is_refused(world, reply, BAD if token else "Bearer")
    world.expect("[oauth2:warn]")


def test_oauth2_tokens_in_other_places(world, pool):
    """What mod_oauth2 verifies must be what was judged: one good token elsewhere proves nothing about
    the one in the header."""
    good = pool.token()
    for host, path, headers in (("inquery", f"/items/known?access_token={good}", {}),
                                ("incookie", "/items/known", {"Cookie": f"access_token={good}"})):
        call = Client(world.port, host=host + ".test")
        for token in (None, pool.token(sub="admin", exp=1), other(pool), pool.token(sub="admin")):
            is_refused(world, call("GET", path, headers=headers, token=token), BAD if token else "Bearer")
    assert good not in world.server.log()


def test_oauth2_keys_of_another_place(world, pool):
    """A page elsewhere, for which the stranger's keys count, includes an item: httpd copies the user and the
    environment to the sub-request, verified token and all."""
    forged = world.stranger.token()
    for host in ("strangers", "strangersambient"):
        call = Client(world.port, host=host + ".test", token=forged)
        reply = call("GET", "/pages/page.shtml")
        assert reply.status == 200 and b"secret name" not in reply.body, reply
        assert call("GET", "/items/known").status == 401
    assert world.strict["items"].calls == []
    world.expect("[oauth2:warn]")


def test_oauth2_ambient(world, at, pool):
    """ItemsIssuer none: what mod_oauth2 lets through comes in, and nothing else."""
    call = at("ambient", token=None)
    assert call("GET", "/items/known", token=pool.token()).status == 200
    world.strict["items"].clear()
    for token in (None, other(pool), pool.token(exp=1), pool.token(exp=DROP)):
        reply = call("GET", "/items/known", token=token)
        assert reply.status == 401 and reply.header("WWW-Authenticate").startswith("Bearer")
    assert world.strict["items"].calls == []
    world.expect("[oauth2:error]", "[oauth2:warn]")


def test_oauth2_ambient_scopes(world, at, pool):
    """Text as it stands in the claim, and the JSON that mod_oauth2 makes of arrays."""
    for host, claims, get, put_ in (
        ("ambientscoped", {"scope": "items/read"}, 200, 403),
        ("ambientscoped", {"scope": "x items/write"}, 403, 200),
        ("ambientscoped", {"scope": DROP}, 403, 403),
        ("ambientscoped", {"scope": "items/reader"}, 403, 403),
        ("ambientscoped", {"scope": DROP, "scp": ["items/read"]}, 403, 403),
        ("ambientscp", {"scp": ["items/read", "items/write"]}, 200, 200),
        ("ambientscp", {"scp": ["x", "items/write"]}, 403, 200),
        ("ambientscp", {"scp": "items/read"}, 200, 403),
        ("ambientscp", {"scp": [["items/read"]]}, 403, 403),
        ("ambientscp", {"scp": ["items/read", 1]}, 403, 403),
        ("ambientscp", {"scp": {"items/read": 1}}, 403, 403),
    ):
        call = at(host, token=pool.token(**claims))
        assert call("GET", "/items/known").status == get, (host, claims)
        assert call("PUT", "/items/known", {"name": "secret name"}).status == put_, (host, claims)
        call.close()


def test_oauth2_it_expires(world, pool):
    call = Client(world.port, host="tokens.test", token=pool.token(exp=int(time.time()) + 2))
    assert call("GET", "/items/known").status == 200
    time.sleep(2.1)
    world.strict["items"].clear()
    is_refused(world, call("GET", "/items/known"), BAD)


def test_no_token_in_the_log(world):
    assert not re.search(r"eyJ[A-Za-z0-9_-]{20}", world.server.log())
