# SPDX-License-Identifier: Apache-2.0
"""ItemsTokenMemory: a token that was verified is not verified again so soon, and is otherwise judged as
strictly as ever.

mod_auth_openidc tells at LogLevel debug whenever it has verified a signature; that is what is counted here.
Each MPM has a server of its own with many virtual hosts; prefork's children share what they know.
"""

import os
import signal
import time

import httpd
import pools
import process
import pytest
from client import Client, raw
from cryptography.hazmat.primitives.asymmetric import rsa
from test_config import check  # noqa: F401 (a fixture)
from world import GRAVE, LOG_LINE, MODULE, SANITIZER, ended, none_of

SLOW = SANITIZER or httpd.UNDER

VERIFIED = "successfully verified JWT access token"
ABSENT = "/items/absent"  # 404 for whoever may come in


def location(old="", new="", path="/items"):
    text = httpd.location_config(path)
    assert old in text
    return text.replace(old, new) if old else text


class Site:
    """Virtual hosts NAME.test with the tokens of a pool; ItemsTokenMemory 60s stands in the main server."""

    def __init__(self, folder, emulator, keys, mpm):
        self.port = process.free_port()
        self.pool = pools.Pool(emulator.authority.issue("memory"))
        self.stranger = pools.Pool(emulator.authority.issue("memory2"))  # same key ids
        self.emulator = emulator
        self.hosts = ""
        self.mpm = mpm
        self.client = Client(self.port)
        self._describe()
        self.server = httpd.Httpd(folder, self._config(mpm), {
            "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], **SANITIZER,
        })
        self.server.start(self.port)

    def host(self, name, directives="", place=None, pool=None):
        self.hosts += (
            f"<VirtualHost 127.0.0.1:{self.port}>\nServerName {name}.test\nItemsTable items\n"
            + (pool or self.pool).identity(directives) + (location() if place is None else place)
            + "</VirtualHost>\n"
        )

    def _describe(self):
        self.host("one")
        self.host("two")
        self.host("stranger", pool=self.stranger)
        self.host("off", "ItemsTokenMemory Off\n")
        self.host("short", "ItemsTokenMemory 700ms\n")
        self.host("scoped", "ItemsScope GET items/read\nItemsScope PUT,DELETE items/write\n")
        self.host("named", "OIDCOAuthRemoteUserClaim username ^(.*)$ pre-$1\n")
        self.host("both", place=location("AuthType oauth20", "AuthType auth-openidc"))
        self.host("only", place=location("Require valid-user", "Require user user-1"))
        self.host("headers", place=location("ClaimsAs environment", "ClaimsAs both"))
        # Places below with another idea of who may come in, and one that only a request shows.
        self.host("places", place=location() + (
            '<Location "/items/query">\nOIDCOAuthAcceptTokenAs query\n</Location>\n'
            '<Location "/items/none">\nOIDCPassClaimsAs none\n</Location>\n'
            '<Location "/items/session">\nAuthType Basic\nAuthBasicProvider file\n'
            'AuthUserFile users\n</Location>\n'
            "<If \"req('X-Level') == '1'\">\nRequire claim level:high\n</If>\n"
            '<LocationMatch "^/items/(not|deep)-">\n<RequireAll>\nRequire valid-user\n'
            "Require not env OIDC_CLAIM_blocked\n</RequireAll>\n</LocationMatch>\n"
        ))

    def _config(self, mpm):
        return (
            httpd.server_config(
                mpm, module=MODULE, more_modules=["auth_basic", "authn_file"],
                log_level="notice auth_openidc:debug authz_core:crit auth_basic:crit",
            )
            + f"Listen 127.0.0.1:{self.port}\nKeepAliveTimeout 30\nMaxKeepAliveRequests 0\n"
            f"OIDCCABundlePath {self.emulator.authority.file}\nOIDCHTTPTimeoutLong 5\n"
            "OIDCOAuthRemoteUserClaim sub\n"
            "OIDCOAuthTokenIntrospectionInterval -1\n"  # 2.4.20 would remember tokens as well
            f"ItemsRegion {self.emulator.admin.region}\n"
            f"ItemsEndpoint http://127.0.0.1:{self.emulator.plain_port}\n"
            f"ItemsTokenMemory 60s\n"
            'LogFormat "%{X-Request-Id}o %>s %u %{OIDC_CLAIM_sub}e %{OIDC_CLAIM_sub}i" t\n'
            "CustomLog logs/access.log t\n"
            + self.hosts
        )

    def at(self, name):
        """The one client, now of that virtual host: prefork has few children for kept connections."""
        self.client.host = f"{name}.test"
        return self.client

    def verified(self):
        return self.server.log().count(VERIFIED)

    def token(self, pool=None, **claims):
        """One that nobody has seen before."""
        return (pool or self.pool).token(jti=os.urandom(8).hex(), **claims)

    def count(self, name, token, path=ABSENT, times=1, status=404, headers=None):
        """How many signatures are verified for so many requests."""
        before = self.verified()
        call = self.at(name)
        for _ in range(times):
            reply = call("GET", path, token=token, headers=headers)
            assert reply.status == status, (reply, token)
        return self.verified() - before

    def logged(self, number):
        """User, claim and header of the request with that id."""
        path = os.path.join(self.server.folder, "logs", "access.log")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            with open(path, encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith(number + " "):
                        return line.rstrip("\n").split(" ")[2:]
            time.sleep(0.02)
        raise AssertionError(f"{number} is not in the log")

    def restart(self):
        self.server.restart()
        self.client.close()

    def rewrite(self, config):
        with open(self.server.config, "w", encoding="utf-8") as out:
            out.write(config)
        self.restart()

    def grave_lines(self):
        """Nothing but mod_auth_openidc's words on bad tokens, and ours on those that it keeps for itself."""
        matches = map(LOG_LINE.match, self.server.log().splitlines())
        return [match[0] for match in matches if match and match[2] in GRAVE
                and match[1] != "auth_openidc" and not (match[1] == "items" and "ITEMS1011" in match[0])]

    def close(self):
        self.client.close()
        wrong = self.grave_lines()
        # see test_key_ids.py
        wrong += ended(self.server, signal.SIGWINCH if self.mpm == "event" else signal.SIGTERM)
        self.pool.close()
        self.stranger.close()
        none_of(wrong)


@pytest.fixture(scope="module", params=["event", "prefork"])
def site(request, folder, emulator, keys):
    place = os.path.join(folder, "memory-" + request.param)
    os.mkdir(place, 0o755)
    with open(os.path.join(place, "users"), "w", encoding="ascii"):
        pass
    it = Site(place, emulator, keys, request.param)
    for name in ("one", "stranger"):  # the key sets are known
        assert it.count(name, it.token(it.pool if name == "one" else it.stranger)) == 1
    yield it
    it.close()


def test_a_second_request_is_not_verified(site):
    """Nor from another connection, nor with another path or method."""
    token = site.token()
    assert site.count("one", token, times=5) == 1
    for _ in range(5):
        site.client.close()
        assert site.count("one", token, times=2) == 0
    assert site.count("one", token, path="/items?limit=1", status=200) == 0
    call = site.at("one")
    before = site.verified()
    made = call("POST", "/items", {"name": "remembered"}, token=token)
    assert made.status == 201
    path = made.header("Location")
    assert call("PUT", path, {"status": "x"}, token=token).status == 200
    assert call("HEAD", path, token=token).status == 200
    assert call("DELETE", path, token=token).status == 200
    assert call("BREW", path, token=token).status in (405, 501)
    assert site.verified() == before


def test_every_token_by_itself(site):
    for _ in range(3):
        assert site.count("one", site.token(), times=2) == 1


def test_other_hosts_know_nothing(site):
    """Not even one with the same pool, let alone one with another pool whose keys have the same ids."""
    token = site.token()
    assert site.count("one", token, times=2) == 1
    assert site.count("two", token, times=2) == 1
    assert site.count("two", token) == 0
    for _ in range(2):
        assert site.count("stranger", token, status=401) == 0
    other = site.token(site.stranger)
    assert site.count("stranger", other, times=2) == 1
    assert site.count("one", other, status=401, times=2) == 0


def test_off(site):
    assert site.count("off", site.token(), times=3) == 3


def test_after_a_while_it_is_verified_again(site):
    token = site.token()
    assert site.count("short", token) == 1
    begin = time.monotonic()
    again = 0
    while not again:
        again = site.count("short", token)
        assert time.monotonic() < begin + 10
    assert time.monotonic() >= begin + 0.6
    # not prolonged by being used: that was the third verification within two memories' time
    assert time.monotonic() < begin + 5


def test_it_expires_all_the_same(site):
    token = site.token(exp=int(time.time()) + 3)
    assert site.count("one", token, times=2) == 1
    call = site.at("one")
    end = time.monotonic() + 10
    while call("GET", ABSENT, token=token).status == 404:
        assert time.monotonic() < end
        time.sleep(0.05)
    reply = call("GET", ABSENT, token=token)
    assert reply.status == 401
    assert reply.header("WWW-Authenticate") == 'Bearer error="invalid_token"'


def altered(token):
    """Tokens that have all but one character in common with a good one."""
    text, _, signature = token.rpartition(".")
    for place in (0, 10, len(signature) // 2, len(signature) - 2):
        other = "B" if signature[place] == "A" else "A"
        yield f"{text}.{signature[:place]}{other}{signature[place + 1:]}"
    yield f"{text}.{signature[:-4]}"
    yield f"{text}.{signature}AAAA"
    yield f"{text}.{'A' * len(signature)}"


def test_every_byte_counts(site):
    """The same header and payload under another signature."""
    token = site.token()
    assert site.count("one", token, times=2) == 1
    for other in altered(token):
        assert site.count("one", other, status=401, times=2) == 0
    claims = site.pool.claims(jti="x")
    good = site.pool.sign(claims=claims)
    forged = site.pool.sign(claims=claims, key=rsa.generate_private_key(65537, 2048))
    assert good.rpartition(".")[0] == forged.rpartition(".")[0]
    assert site.count("one", forged, status=401) == 0
    assert site.count("one", good, times=2) == 1
    assert site.count("one", forged, status=401, times=2) == 0
    assert site.count("one", good) == 0


def test_what_was_refused_is_not_remembered(site):
    """A good signature does not help a token that says the wrong things."""
    for bad in ({"iss": "https://else.example"}, {"token_use": "id"}, {"client_id": "x"}):
        assert site.count("one", site.token(**bad), status=401, times=2) == 0


def test_scopes_are_judged_each_time(site):
    read = site.token(scope="items/read")
    write = site.token(scope="items/write")
    assert site.count("scoped", read, times=2) == 1
    assert site.count("scoped", write, status=403) == 1
    before = site.verified()
    call = site.at("scoped")
    for _ in range(2):
        assert call("PUT", ABSENT, {"status": "x"}, token=read).status == 403
        assert call("PUT", ABSENT, {"status": "x"}, token=write).status == 404
        assert call("DELETE", ABSENT, token=read).status == 403
        assert call("POST", "/items", {"name": "x"}, token=write).status == 403
        assert call("GET", ABSENT, token=write).status == 403
    assert site.verified() == before


def tell(site, name, token, headers=None):
    """What the access log tells of a request."""
    number = os.urandom(8).hex()
    reply = site.at(name)("GET", ABSENT, token=token, headers={"X-Request-Id": number, **(headers or {})})
    assert reply.status == 404
    return site.logged(number)


def test_the_user_is_the_same(site):
    """The environment has no claims then, which is how one can tell."""
    for name, user in (("one", "user-1"), ("named", "pre-joe"), ("both", "user-1")):
        token = site.token(username="joe")
        assert tell(site, name, token) == [user, "user-1", "-"]
        assert tell(site, name, token) == [user, "-", "-"]
        assert site.count(name, token) == 0


def test_odd_users(site):
    """Too long to be kept: verified each time. Others come back byte for byte."""
    for name, count in (("u" * 104, 1), ("u" * 105, 2), ("\u00e4\u4e2d", 1)):
        shown = "".join(chr(byte) if byte < 128 else f"\\x{byte:02x}" for byte in name.encode())
        token = site.token(sub=name)
        assert site.count("one", token, times=2) == count
        for _ in range(2):
            assert tell(site, "one", token)[0] == shown


def test_require_lines_go_by_the_user(site):
    good, other = site.token(), site.token(sub="user-2")
    assert site.count("only", good, times=2) == 1
    assert site.count("only", other, status=401) == 1  # it was verified, and a Require line refused it
    assert site.count("only", other, status=401, times=2) == 0


def test_spoofed_headers(site):
    """mod_auth_openidc takes them away, so it is asked; others change nothing."""
    token = site.token()
    assert site.count("headers", token, times=2) == 1
    for header in ("OIDC_CLAIM_sub", "OIDC-CLAIM-sub", "oidc_claim_sub", "OIDC_access_token"):
        assert site.count("headers", token, headers={header: "victim"}) == 1
    assert tell(site, "headers", token, {"OIDC_CLAIM_sub": "victim"})[2] != "victim"
    for header in ("Remote-User", "X-Remote-User", "X-Forwarded-User"):
        assert site.count("headers", token, headers={header: "victim"}) == 0
    assert tell(site, "headers", token)[0] == "user-1"


def test_other_ways_to_bring_a_token(site):
    """A token that is remembered helps nobody who brings it elsewhere."""
    token = site.token()
    assert site.count("one", token, times=2) == 1
    for headers, target in (
        ([], f"{ABSENT}?access_token={token}"),
        ([f"Cookie: access_token={token}"], ABSENT),
        ([f"Proxy-Authorization: Bearer {token}"], ABSENT),
        ([f"Authorization: Basic {token}"], ABSENT),
        ([f"Authorization: {token}"], ABSENT),
        ([f"Authorization: Bearer {token}", f"Authorization: Bearer {token}"], ABSENT),
        ([f"Authorization: Bearer {token}, Bearer {token}"], ABSENT),
        ([f"Authorization: Bearer {token} "], ABSENT),
    ):
        reply = raw(site.port, "GET", target, headers, host="one.test")
        assert reply.status == (404 if headers and headers[0].endswith(" ") else 401), headers


def test_places_with_another_idea(site):
    """What mod_auth_openidc or a Require line would refuse is refused after a hit elsewhere."""
    token = site.token()
    assert site.count("places", token, times=2) == 1
    for path in ("/items/query", "/items/query/x", "/items/none", "/items/session"):
        assert site.count("places", token, path=path, status=401) <= 1, path
    # Require claim, seen only with the request: there everything is as it is without a memory.
    strict = {"X-Level": "1"}
    assert site.count("places", token, headers=strict, status=401, times=2) == 2
    high = site.token(level="high")
    assert site.count("places", high, headers=strict, times=2) == 2
    assert site.count("places", high, times=2) == 1
    assert site.count("places", high, headers=strict) == 1
    # A line that says "not" of a variable.
    blocked = site.token(blocked="1")
    assert site.count("places", blocked, times=2) == 1
    for path in ("/items/not-x", "/items/deep-x"):
        assert site.count("places", blocked, path=path, status=401, times=2) == 2
        assert site.count("places", high, path=path, times=2) == 2
    assert site.count("places", token) == 0


def test_tokens_that_are_bound_to_a_connection(site):
    """cnf: mod_auth_openidc compares it with the client's certificate, each time."""
    for cnf in ({"x5t#S256": "AAAA"}, {}, "x", None):
        assert site.count("one", site.token(cnf=cnf), times=3) == 3


def test_a_flood(site):
    """10,000 tokens, all of them good, for a table of 4,096: none is refused and nothing grows."""
    count = 10000 if site.mpm == "event" and not SLOW else 500
    header = pools.encode(site.pool.header())
    claims = site.pool.claims()
    call = site.at("one")
    before = memory_of(site.server.pid)
    begin = site.verified()
    for number in range(count):
        text = f"{header}.{pools.encode({**claims, 'jti': number})}"
        token = text + "." + pools.encode(pools.rs256(site.pool.keys[site.pool.kid], text.encode()))
        assert call("GET", ABSENT, token=token).status == 404
    assert site.verified() == begin + count
    assert site.count("one", token) == 0
    # the tables of this server's hosts are 640 kB each, and a child's heap has to breathe
    if not SLOW:  # they keep what was freed
        assert memory_of(site.server.pid) < before + 12 * 1024


def memory_of(pid):
    """kB that a server and its children hold."""
    total = 0
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as pids:
        for each in [pid, *map(int, pids.read().split())]:
            with open(f"/proc/{each}/smaps_rollup", encoding="ascii") as lines:
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def test_restarts_forget(site):
    """Each generation has a memory of its own, whether the configuration has changed or not."""
    token = site.token()
    assert site.count("one", token, times=2) == 1
    site.restart()
    assert site.count("one", token, times=2) == 1
    # Another client id: the token is good no more, and when it is again, it is verified again.
    with open(site.server.config, encoding="utf-8") as lines:
        config = lines.read()
    site.rewrite(config.replace("ItemsClientId client-one client-two", "ItemsClientId client-two"))
    assert site.count("one", token, status=401, times=2) == 0
    site.rewrite(config)
    assert site.count("one", token, times=2) == 1
    # Another user claim
    site.rewrite(config.replace("RemoteUserClaim sub", "RemoteUserClaim client_id"))
    assert tell(site, "one", token)[0] == "client-one"
    assert tell(site, "one", token) == ["client-one", "-", "-"]
    # Off in the main server
    site.rewrite(config.replace("ItemsTokenMemory 60s", "ItemsTokenMemory Off"))
    assert site.count("one", token, times=3) == 3
    site.rewrite(config)
    assert site.count("one", token, times=3) == 1


# --- what can't stand beside it ------------------------------------------------------------------------------

HEAD = (
    "ItemsTable items\nItemsRegion eu-central-1\nItemsIssuer https://a.example\nItemsClientId a\n"
    "OIDCOAuthVerifyJwksUri https://a.example/keys\n"
)
MEMORY = "ItemsTokenMemory 60s\n"
CLAIM = "Require claim level:high\n"


def section(text, name='Location "/items"'):
    return f"<{name}>\n{text}</{name.split()[0]}>\n"


REFUSED = {
    "claim": section(CLAIM),
    "not claim": section("<RequireAll>\nRequire valid-user\nRequire not claim a:b\n</RequireAll>\n"),
    "within": section(f"<RequireAny>\nRequire method OPTIONS\n<RequireAll>\nRequire valid-user\n{CLAIM}"
                      "</RequireAll>\n</RequireAny>\n"),
    "by method": section(section(CLAIM, "Limit POST")),
    "env": section("Require env OIDC_CLAIM_x\n"),
    "expr": section("Require expr \"reqenv('OIDC_CLAIM_x') == '1'\"\n"),
    "an expression": section('Require host "%{env:OIDC_CLAIM_x}"\n'),
    "alias": "<AuthzProviderAlias claim high level:high>\n</AuthzProviderAlias>\n"
    + section("Require high\n"),
    # httpd lets it have the name of a provider whose module is not there
    "alias like others": "<AuthzProviderAlias claim group level:high>\n</AuthzProviderAlias>\n"
    + section("Require group x\n"),
    "alias like an ldap one": "<AuthzProviderAlias claim ldap-high level:high>\n</AuthzProviderAlias>\n"
    + section("Require ldap-high\n"),
    "around": section(CLAIM, 'Location "/"') + section("AuthType oauth20\n"),
    "merged": section(CLAIM, 'Location "/"') + section("AuthMerging And\nRequire valid-user\n"),
    "below": section("Require valid-user\n") + section(CLAIM, 'Location "/items/x"'),
    "pattern": section(CLAIM, 'Location "/it*"'),
    "pattern below": section(CLAIM, 'LocationMatch "^/items/[^/]+$"'),
    "header": section("Require valid-user\nOIDCAuthNHeader X-User\n"),
}


def hosted(text):
    """The same in a virtual host, with what the main server has to say above it."""
    return f"{MEMORY}<VirtualHost *:1>\n{HEAD}{text}</VirtualHost>\n"


@pytest.mark.parametrize("name", REFUSED)
def test_refused_at_the_start(check, name):  # noqa: F811
    text = REFUSED[name]
    place = HEAD + MEMORY + text
    for config in (place, hosted(text)) if "alias" not in name else (place,):
        status, words = check(config)
        assert status != 0
        assert "ItemsTokenMemory can't stand beside" in words, words
        wanted = "OIDCAuthNHeader on " if name == "header" else "Require "
        assert wanted in words and "httpd.conf:1" in words, words
    assert check(HEAD + text)[0] == 0
    assert check(HEAD + "ItemsTokenMemory Off\n" + text)[0] == 0


READERS = {
    "a condition": "RewriteCond %{ENV:OIDC_CLAIM_level} ^low$\nRewriteRule ^ - [F]\n",
    "a header": "RewriteCond %{HTTP:oidc_claim_level} !high\nRewriteRule ^ - [F]\n",
    "a function": "RewriteCond expr \"reqenv('OIDC_CLAIM_level') == 'low'\"\nRewriteRule ^ - [F]\n",
    "a map": "RewriteRule ^ /%{ENV:OIDC_access_token} [R]\n",
}


@pytest.mark.parametrize("name", READERS)
def test_refused_if_others_go_by_claims(check, name):  # noqa: F811
    """A rule that says who is kept out would keep out nobody whose token is remembered."""
    line = READERS[name]
    load = httpd.loads(["rewrite"])
    for text in (HEAD + MEMORY + line, HEAD + MEMORY + section(line), hosted(line), hosted(section(line)),
                 line + hosted(""), hosted(section(section(line, "IfModule items_module"), "Location /x"))):
        status, words = check(load + text)
        assert status != 0 and f"ItemsTokenMemory can't stand beside {line.split()[0]} on " in words, words
        assert check(load + text.replace(MEMORY, ""))[0] == 0
    # somebody else's
    other = f"<VirtualHost *:1>\n{line}</VirtualHost>\n" + hosted("").replace("*:1", "*:2")
    assert check(load + other)[0] == 0
    assert check(load + hosted("").replace("*:1", "*:2") + f"<VirtualHost *:1>\n{line}</VirtualHost>\n")[0] == 0


ACCEPTED = {
    "logs": 'LogFormat "%{OIDC_CLAIM_sub}e" l\nCustomLog logs/x "%{OIDC_CLAIM_sub}e" env=!OIDC_CLAIM_x\n',
    "headers": 'Header set X "%{OIDC_CLAIM_level}e"\nRequestHeader set X x env=OIDC_CLAIM_x\n',
    "taken away": "RequestHeader unset OIDC_CLAIM_sub\nRequestHeader unset OIDC_access_token early\n",
    "usual": section("AuthType oauth20\n<RequireAny>\nRequire method OPTIONS\nRequire valid-user\n"
                     "</RequireAny>\n"),
    "addresses": section("<RequireAll>\nRequire valid-user\nRequire not ip 192.0.2.1\n</RequireAll>\n"),
    "users": section("Require user a b\n"),
    "replaced": section(CLAIM, 'Location "/"') + section("Require valid-user\n"),
    "replaced below": section(CLAIM, 'Location "/"') + section("Require valid-user\n")
    + section("OIDCOAuthAcceptTokenAs header\n", 'Location "/items/x"'),
    "elsewhere": section(CLAIM, 'Location "/other"') + section(CLAIM, 'Location "/itemsx"')
    + section("Require valid-user\n"),
    "another host": "<VirtualHost *:1>\nItemsTable items\nItemsTokenMemory Off\n"
    + section(CLAIM) + "</VirtualHost>\n",
    "public": "<VirtualHost *:1>\nItemsPublic On\n</VirtualHost>\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(check, name):  # noqa: F811
    assert check(HEAD + MEMORY + ACCEPTED[name]) == (0, "Syntax OK\n")


def test_lines_of_mod_oauth2(check):  # noqa: F811
    """For mod_oauth2 nothing is remembered, but its lines can't stand there either: the AuthType is another
    module's to tell, and a section's may be another in the end."""
    load = httpd.loads(["oauth2"])
    text = HEAD + section("AuthType oauth2\nRequire oauth2_claim level:high\n")
    status, words = check(load + text + MEMORY)
    assert status != 0 and "ItemsTokenMemory can't stand beside Require oauth2_claim" in words, words
    for more in ("", "ItemsTokenMemory Off\n"):
        assert check(load + text + more) == (0, "Syntax OK\n")
    assert check(load + HEAD + MEMORY + section("AuthType oauth2\nRequire valid-user\n")) == (
        0, "Syntax OK\n")


@pytest.mark.parametrize("line", [
    "OIDCOAuthIntrospectionEndpoint https://a.example/introspect",
    "OIDCOAuthServerMetadataURL https://a.example/.well-known/openid-configuration",
])
def test_whoever_may_revoke_tokens(check, line):  # noqa: F811
    text = HEAD + line + "\nOIDCOAuthClientID a\nOIDCOAuthClientSecret b\n"
    status, words = check(text + MEMORY)
    assert status != 0 and "ItemsTokenMemory can't stand beside OIDCOAuth" in words, words
    assert check(text)[0] == 0
