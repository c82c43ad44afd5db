# SPDX-License-Identifier: Apache-2.0
"""The watch on the issuer's keys: unknown ones make nobody fetch the key set, and an outage of it is a
503, since a client throws its token away after a 401.

Each test has a server and a pool of its own, so that what it counts is its own. Times are those of
src/auth/kids.c: test_auth_kids.c walks through them with a clock of its own, here only the
shortest ones are lived through.
"""

import json
import os
import signal
import socket
import threading
import time

import certs
import httpd
import pools
import process
import pytest
from client import Client, request_bytes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from world import MODULE, SANITIZER, World, ended, none_of

OUT, STALE, BACK, UNWATCHED = "ITEMS1021", "ITEMS1022", "ITEMS1023", "ITEMS1121"
STRANGER = rsa.generate_private_key(65537, 2048)
IDENTITY = f"ItemsIssuer {pools.Pool.ISSUER}\nItemsClientId {pools.Pool.CLIENT}\n"
# The others wait two seconds for the one that goes first, and mod_auth_openidc five for the key set:
# under valgrind sixteen of them take longer.
IS_IN_TIME = not httpd.UNDER
MPMS = pytest.mark.parametrize("mpm", ["event", "prefork"])


class Site:
    """A pool, and a server that takes its tokens."""

    def __init__(self, folder, emulator, keys, mpm="event", identity=None, authority=None, env=None,
                 is_up=True, hosts=None):
        self.mpm = mpm
        self.pool = pools.Pool(emulator.authority.issue("watched"))
        if not is_up:
            self.pool.down()
        self.port = process.free_port()
        authority = authority or emulator.authority
        config = (
            httpd.server_config(mpm, module=MODULE)
            + f"Listen 127.0.0.1:{self.port}\nKeepAliveTimeout 30\nMaxKeepAliveRequests 0\n"
            f"OIDCCABundlePath {authority.file}\nOIDCHTTPTimeoutLong 5\n"
            "OIDCOAuthRemoteUserClaim sub\n"
            f"ItemsTable items\nItemsRegion {emulator.admin.region}\n"
            f"ItemsEndpoint http://127.0.0.1:{emulator.plain_port}\n"
            + (identity or self.pool.identity()).replace("URL", self.pool.url)
            + httpd.location_config()
            + "".join(
                f"<VirtualHost 127.0.0.1:{self.port}>\nServerName {name}.test\n"
                f"OIDCOAuthVerifyJwksUri {self.pool.url}{path}\n</VirtualHost>\n"
                for name, path in (hosts or {}).items()
            )
        )
        self.server = httpd.Httpd(folder, config, {
            "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1], **SANITIZER,
            **(env or {}),
        })
        self.server.start(self.port)

    def __call__(self, token=None, **more):
        """The status of a request: 404 for whoever may come in, there is no such item."""
        client = Client(self.port, token=token or self.pool.token(), **more)
        reply = client("GET", "/items/absent")
        client.close()
        return reply

    def status(self, token=None):
        return self(token).status

    def at_once(self, count, **more):
        """The statuses of so many requests at the same time."""
        found = []
        threads = [threading.Thread(target=lambda: found.append(self(**more).status))
                   for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def signed_by(self, kid):
        return self.pool.sign(self.pool.header(kid=kid), key=self.pool.keys[kid])

    def unknown(self, number):
        return self.pool.sign(self.pool.header(kid=f"unknown-{number}"), key=STRANGER)

    def until(self, condition, seconds):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.1)

    def tags(self, tag):
        return self.server.log().count(tag + ":")

    def close(self):
        """In order: event shuts down the sockets of its workers when it is told to end at once, and a
        worker that has just closed one makes its child crash (apr_os_sock_get() of a socket that is
        gone), which is none of our doing."""
        wrong = ended(self.server, signal.SIGWINCH if self.mpm == "event" else signal.SIGTERM)
        self.pool.close()
        none_of(wrong)


@pytest.fixture
def site(tmp_path, emulator, keys):
    made = []

    def make(mpm="event", **more):
        tmp_path.chmod(0o755)
        made.append(Site(str(tmp_path), emulator, keys, mpm, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


def is_unavailable(reply):
    assert reply.status == 503, reply
    assert 1 <= int(reply.header("Retry-After")) <= 60
    assert reply.json["code"] == "service_unavailable"
    assert reply.header("WWW-Authenticate") is None


@MPMS
def test_the_first_request_is_served(site, mpm):
    """Nothing is known yet, and it waits until something is."""
    it = site(mpm)
    assert it.status() == 404
    assert it.pool.agents == ["mod_items", "mod_auth_openidc"]


@MPMS
def test_many_first_requests(site, mpm):
    """All of them are served, with one look of ours and one fetch of mod_auth_openidc's."""
    it = site(mpm)
    statuses = it.at_once(16)
    if IS_IN_TIME:
        assert statuses == [404] * 16
        assert sorted(it.pool.agents) == ["mod_auth_openidc", "mod_items"]


class Flood:
    """Tokens of unknown keys from kept connections until the end, and whether all are refused."""

    def __init__(self, it, clients=4):
        self.it = it
        self.sent = 0
        self.wrong = []
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def run(self, number):
        client = Client(self.it.port)
        tokens = [self.it.unknown(f"{number}-{n}") for n in range(200)]
        while not self.ended.wait(0.01):
            reply = client("GET", "/items/absent", token=tokens[self.sent % len(tokens)])
            self.sent += 1
            if reply.status != 401:
                self.wrong.append(reply)
        client.close()

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


class Rotation:
    """A minute: tokens of unknown keys, and in their midst a key is published and one is withdrawn. It
    runs while other tests do. With sanitizers, the same without the minute's wait for a new look."""

    def __init__(self, it):
        self.it = it
        self.is_whole = not SANITIZER
        self.seconds = 0
        self.good = []
        self.words = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def must(self, held, words):
        if not held:
            self.words.append(words)

    def run(self):
        it = self.it
        self.remembered = it.signed_by("k2")
        self.must(it.status() == 404 and it.status(self.remembered) == 404, "good ones")
        self.flood = Flood(it)
        try:
            time.sleep(2)
            if self.is_whole:
                self.rotate()
            for _ in range(10):
                self.good.append(it())
        finally:
            self.flood.end()

    def rotate(self):
        it = self.it
        withdrawn = it.signed_by("k2")
        it.pool.keys["k3"] = rsa.generate_private_key(65537, 2048)
        del it.pool.keys["k2"]
        published = time.monotonic()
        new = it.signed_by("k3")
        while it.status(new) != 404 and time.monotonic() < published + 65:
            self.good.append(it())
            time.sleep(0.2)
        self.seconds = time.monotonic() - published
        self.must(it.status(withdrawn) == 401, "a withdrawn one is served")
        self.must(it.status(self.remembered) == 401, "one that was verified before is served")
        self.must(it.status() == 404, "a key that has stayed is refused")


class Outage(threading.Thread):
    """A minute as well: the issuer goes out while keys are known, and that is noticed by a look."""

    def __init__(self, it):
        super().__init__()
        self.it = it
        self.words = []
        self.start()

    def run(self):
        it = self.it
        begin = time.monotonic()
        if it.status() != 404:
            self.words.append("the good one")
        it.pool.down()
        while not SANITIZER and it.tags(STALE) == 0 and time.monotonic() < begin + 70:
            if it.status(it.unknown(1)) != 401 or it.status() != 404:
                self.words.append("in between")
            time.sleep(0.5)


@pytest.fixture(scope="module", autouse=True)
def outage(folder, emulator, keys):
    place = os.path.join(folder, "outage")
    os.mkdir(place, 0o755)
    running = Outage(Site(place, emulator, keys))
    yield running
    running.join()
    running.it.close()


@pytest.fixture(scope="module", autouse=True)
def rotation(folder, emulator, keys):
    place = os.path.join(folder, "rotation")
    os.mkdir(place, 0o755)
    identity = IDENTITY + "OIDCOAuthVerifyJwksUri URL\nItemsTokenMemory 1h\n"
    running = Rotation(Site(place, emulator, keys, identity=identity))
    yield running
    running.thread.join()
    running.it.close()


@MPMS
def test_an_outage_at_the_start(site, mpm):
    """503 while nobody knows a key, told once; over a few seconds after the issuer is there."""
    it = site(mpm, is_up=False)
    for _ in range(20):
        is_unavailable(it())
    is_unavailable(it(it.unknown(1)))
    assert it.status("junk") == 401  # no key is needed for that
    assert it.status(it.pool.token(exp=1)) == 401
    assert it.tags(OUT) == 1 and "can't connect" in it.server.log()
    it.pool.up()
    begin = time.monotonic()
    it.until(lambda: it.status() == 404, 10)
    assert it.status(it.unknown(1)) == 401
    assert it.tags(OUT) == 1 and it.tags(BACK) == 1
    assert time.monotonic() - begin < 10


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass


def answer(body, status=200, **headers):
    return lambda handler: handler.answer(body, status, **headers)


BAD_ANSWERS = {
    "error": answer(b"{}", 500),
    "denied": answer(b'{"keys":[]}', 403),
    "unchanged": answer(b"", 304),
    "huge": endless,
    "garbage": answer(b"<html>"),
    "cut": answer(b'{"keys":[{"kty":"RSA"'),
    "nothing": answer(b""),
    "empty": answer(b'{"keys":[]}'),
    "other": answer(b'{"issuer":"x"}'),
    "closed": lambda handler: None,
}


def test_bad_answers_at_the_start(site):
    """A virtual host for each, with a key set of its own."""
    it = site(hosts={name: f"/{name}" for name in BAD_ANSWERS})
    it.pool.fault = lambda handler: BAD_ANSWERS[handler.path.rpartition("/")[2]](handler)
    for name in BAD_ANSWERS:
        for _ in range(5):
            is_unavailable(it(host=f"{name}.test"))
    assert it.pool.agents == ["mod_items"] * len(BAD_ANSWERS)
    assert it.tags(OUT) == len(BAD_ANSWERS)


def test_a_silent_issuer(site):
    """Whoever is first waits, though not for ever; whoever comes then doesn't."""
    it = site()
    ended = threading.Event()
    it.pool.fault = lambda handler: ended.wait(30)
    begin = time.monotonic()
    is_unavailable(it())
    assert 4 < time.monotonic() - begin < 7
    begin = time.monotonic()
    for _ in range(5):
        is_unavailable(it())
    assert time.monotonic() - begin < 1
    assert it.tags(OUT) == 1 and "timeout" in it.server.log()
    ended.set()


def give_keys(it, handler):
    handler.answer(json.dumps(it.pool.key_set()).encode())


def test_a_slow_issuer(site):
    it = site()

    def slowly(handler):
        it.pool.fault = None
        time.sleep(1)
        give_keys(it, handler)

    it.pool.fault = slowly
    reply = it()
    assert reply.status == 404 and 1 <= reply.seconds < 4


def test_another_authority(site, tmp_path, emulator):
    """The key set comes from somebody whom OIDCCABundlePath does not vouch for."""
    it = site(authority=certs.Authority(str(tmp_path), "somebody else"))
    is_unavailable(it())
    assert it.pool.agents == []
    assert it.tags(OUT) == 1 and "certificate" in it.server.log()


def test_roots_of_the_table_are_not_those_of_the_issuer(site, tmp_path, emulator):
    it = site(authority=certs.Authority(str(tmp_path), "somebody else"),
              identity=IDENTITY + f"OIDCOAuthVerifyJwksUri URL\nItemsCAFile {emulator.authority.file}\n")
    is_unavailable(it())
    assert it.pool.agents == []


def test_an_outage_later(site):
    """What is known stays in use, unknown keys are refused at once."""
    it = site()
    assert it.status() == 404
    it.pool.down()
    for _ in range(20):
        reply = it()
        assert reply.status == 404 and reply.seconds < 1
        assert it.status(it.unknown(1)) == 401
    assert it.tags(OUT) == 0


def test_a_graceful_restart(site):
    """The keys are remembered: nobody looks again, not even with the issuer out."""
    it = site()
    assert it.status() == 404
    it.pool.down()
    it.server.restart()
    assert it.status(it.unknown(1)) == 401
    assert it.tags(OUT) == 0


@MPMS
def test_many_first_requests_after_a_graceful_restart(site, mpm):
    """mod_auth_openidc has forgotten the keys: all are served, with one fetch of its own."""
    it = site(mpm)
    assert it.status() == 404
    it.server.restart()

    def slowly(handler):
        time.sleep(0.5)
        give_keys(it, handler)

    it.pool.fault = slowly
    statuses = it.at_once(16)
    if IS_IN_TIME:
        assert statuses == [404] * 16
        assert it.pool.agents == ["mod_items", "mod_auth_openidc", "mod_auth_openidc"]


def test_many_first_requests_to_two_hosts(site):
    """mod_auth_openidc has a copy of the keys for each: one fetch for each, and one look for both."""
    it = site(hosts={"one": "", "two": ""})

    def slowly(handler):
        time.sleep(0.5)
        give_keys(it, handler)

    it.pool.fault = slowly
    for fetches in (2, 4):
        for host in ("one.test", "two.test"):
            statuses = it.at_once(16, host=host)
            assert statuses == [404] * 16 or not IS_IN_TIME
        assert sorted(it.pool.agents) == ["mod_auth_openidc"] * fetches + ["mod_items"] or not IS_IN_TIME
        it.server.restart()


def test_a_killed_child(site):
    """One that ends in the midst of a look leaves it to another one."""
    it = site("prefork")
    gate = threading.Event()
    it.pool.fault = lambda handler: gate.wait(20)
    first = socket.create_connection(("127.0.0.1", it.port))
    first.sendall(request_bytes("GET", "/items/absent", token=it.pool.token()))
    it.until(lambda: it.pool.hits == 1, 5)
    listed = f"/proc/{it.server.pid}/task/{it.server.pid}/children"
    with open(listed, encoding="ascii") as pids:
        for pid in pids.read().split():
            os.kill(int(pid), signal.SIGKILL)
    it.pool.fault = None
    gate.set()
    first.close()
    it.until(lambda: it.status() == 404, 15)


def test_keys_of_a_file_are_known(site, tmp_path):
    """OIDCOAuthVerifyCertFiles KID#FILE, without a key set to ask for."""
    path = tmp_path / "own.pem"
    path.write_bytes(STRANGER.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    it = site(identity=IDENTITY + f"OIDCOAuthVerifyCertFiles own#{path}\n")
    assert it.status(it.pool.sign(it.pool.header(kid="own"), key=STRANGER)) == 404
    assert it.status(it.unknown(1)) == 401
    assert it.pool.hits == 0


UNWATCHED_BY = {
    "a proxy": ("OIDCOutgoingProxy 127.0.0.1:1\n", {}),
    "a proxy of the environment": ("", {"https_proxy": "http://127.0.0.1:1"}),
    "no validation": ("OIDCOAuthSSLValidateServer Off\n", {}),
    "metadata": ("oidcoauthservermetadataurl URL/metadata\n", {}),
}


@pytest.mark.parametrize("name", UNWATCHED_BY)
def test_where_we_stand_aside(site, name):
    """mod_auth_openidc fetches in a way that we can't: it goes on as without us, and a start says so."""
    directives, env = UNWATCHED_BY[name]
    it = site(identity=IDENTITY + f"OIDCOAuthVerifyJwksUri URL\n{directives}", env=env)
    assert it.tags(UNWATCHED) == 1
    assert "mod_items" not in it.pool.agents
    assert it.status() == (401 if "proxy" in name else 404)


def test_a_redirect_is_for_mod_auth_openidc(site):
    """It follows one, we don't: tokens go on to it."""
    it = site()
    it.pool.fault = lambda handler: (
        give_keys(it, handler) if handler.path == "/other" else
        handler.answer(b"", 302, Location=it.pool.url.replace("jwks.json", "other")))
    assert it.status() == 404
    assert it.tags(OUT) == 1 and "redirect" in it.server.log()
    assert "mod_auth_openidc is left to fetch it" in it.server.log()


def test_directives_of_a_module_that_is_not_there(tmp_path):
    """As if we did not listen to them: httpd does not start."""
    tmp_path.chmod(0o755)
    config = httpd.server_config(module=MODULE).replace(httpd.loads(["auth_openidc"]), "")
    assert "openidc" not in config
    for directive in ("OIDCOAuthVerifyJwksUri https://a/b", "OIDCCABundlePath x",
                      "OIDCOAuthVerifyCertFiles a#b", "OIDCOutgoingProxy a:1",
                      "OIDCOAuthSSLValidateServer Off"):
        status, words = httpd.Httpd(str(tmp_path), config + directive + "\n", SANITIZER).check()
        assert status == 1 and "Invalid command" in words, directive


def test_two_pools_in_one_server(each_world):
    """Their keys are apart: each virtual host knows its own pool's."""
    pool = each_world.pool
    call = Client(each_world.port, host="tokens.test", token=pool.token())
    assert call("GET", "/items/absent").status == 404
    theirs = pool.sign(pool.header(), pool.claims(iss=each_world.issuer.url,
                                                  client_id=each_world.issuer.client_id))
    other = Client(each_world.port, host="items.test", token=theirs)
    begin = pool.hits
    for _ in range(5):
        assert other("GET", "/items/absent").status == 401
    assert pool.hits == begin
    assert isinstance(each_world, World)


def test_a_flood_and_a_rotation(rotation):
    """10,000 tokens of unknown keys make no fetch; good tokens are served throughout, the new key's
    within a minute, the old one's no longer."""
    rotation.thread.join()
    it = rotation.it
    slowest = max(reply.seconds for reply in rotation.good)
    print(f"{rotation.flood.sent} tokens of unknown keys, fetches {it.pool.agents}, new key "
          f"after {rotation.seconds:.0f} s, slowest good request {slowest * 1000:.0f} ms")
    assert rotation.words == [] and rotation.flood.wrong == []
    assert rotation.flood.sent >= (10000 if rotation.is_whole else 200)
    assert rotation.seconds < 60
    assert {reply.status for reply in rotation.good} == {404}
    assert slowest < 1
    # the first look and mod_auth_openidc's own, and the same when the keys have changed
    assert it.pool.agents == ["mod_items", "mod_auth_openidc"] * (2 if rotation.is_whole else 1)
    assert not rotation.is_whole or it.pool.times[2] - it.pool.times[0] > 44
    assert it.tags(OUT) == it.tags(STALE) == 0


def test_an_outage_that_was_noticed(outage):
    """Keys that are known stay in use; and when mod_auth_openidc has lost its own copy of them, a good
    token is answered 503, not 401."""
    outage.join()
    assert outage.words == []
    it = outage.it
    if not SANITIZER:
        assert it.tags(STALE) == 1 and it.tags(OUT) == 0
        it.server.restart()
        is_unavailable(it())
        assert it.status(it.unknown(1)) == 401
        assert it.tags(STALE) == 1
