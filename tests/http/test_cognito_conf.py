# SPDX-License-Identifier: Apache-2.0
"""conf/items-cognito.conf as it is shipped, only its Define lines filled in, in front of a Cognito pool
(the emulator's) whose own tokens come in: users who sign in with a password, and clients by themselves.
"""

import base64
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import time

import httpd
import pools
import process
import pytest
from client import Reply, exchange, request_bytes
from tables import put
from test_tokens import is_refused
from world import MODULE, SANITIZER, World

SHIPPED = os.path.join(httpd.ROOT, "conf", "items-cognito.conf")
HOST = "api.test"
# What the file asks for and the kit's httpd does not load anyway.
MODULES = ("ssl", "alias", "socache_shmcb")


def shipped():
    with open(SHIPPED, encoding="utf-8") as file:
        return file.read()


def filled(defines):
    """The file with these Define lines, and not a byte of it changed elsewhere."""
    text = shipped()
    for name, value in defines.items():
        text, count = re.subn(rf"(?m)^(Define {name} +)\S.*$", lambda m: m[1] + value, text)
        assert count == 1, name
    old = [line for line in shipped().splitlines() if not line.startswith("Define ")]
    assert [line for line in text.splitlines() if not line.startswith("Define ")] == old
    return text


class Site(World):
    """A server that includes the file; everything else of it is what any httpd.conf has."""

    def _describe(self):
        self.backend("items")
        self.pool = pools.Pool(self.emulator.authority.issue("keyset"))  # a stranger's
        self.clear_port = process.free_port()
        crt, key = self.emulator.authority.issue("cognito", names=(HOST,))
        self.logs = os.path.join(self.folder, "logs")
        self.defines = {
            "ITEMS_HOST": HOST, "ITEMS_REGION": self.emulator.admin.region,
            "ITEMS_POOL": self.issuer.pool, "ITEMS_CLIENT": self.app, "ITEMS_TABLE": "items",
            "ITEMS_CERTIFICATE": crt, "ITEMS_KEY": key, "ITEMS_LOGS": self.logs,
            "ITEMS_JWKS": self.issuer.jwks, "ITEMS_PORT": str(self.port),
            "ITEMS_CLEAR_PORT": str(self.clear_port),
        }

    @property
    def app(self):
        """An app client without a secret, for people."""
        if not hasattr(self, "_app"):
            self._app = self._client()
        return self._app

    def _client(self):
        return self.emulator.admin.cognito(
            "CreateUserPoolClient", UserPoolId=self.issuer.pool, ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]

    def sign_in(self, client=None, name="jane@example.com", issuer=None):
        """AccessToken, IdToken and RefreshToken of a user."""
        call = self.emulator.admin.cognito
        pool = (issuer or self.issuer).pool
        try:
            call("AdminCreateUser", UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        except Exception as known:  # noqa: BLE001
            assert "UsernameExists" in str(known)
        call("AdminSetUserPassword", UserPoolId=pool, Username=name, Password="Passw0rd!x",
             Permanent=True)
        return call("InitiateAuth", ClientId=client or self.app, AuthFlow="USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": name, "PASSWORD": "Passw0rd!x"})[
                        "AuthenticationResult"]

    def base(self):
        return (
            httpd.server_config(self.mpm, module=MODULE, more_modules=[*MODULES, *(
                ["http2"] if self.mpm != "prefork" else [])])
            # the virtual host is to say these by itself
            .replace("TraceEnable Off\n", "").replace("HttpProtocolOptions Strict Require1.0\n", "")
            .replace("RequestReadTimeout ", "#")
            + f"Listen 127.0.0.1:{self.port}\nListen 127.0.0.1:{self.clear_port}\n"
            + "SSLSessionCache shmcb:run/sessions(65536)\n"
            + f"OIDCCABundlePath {self.emulator.authority.file}\n"
        )

    def start(self):
        with open(os.path.join(self.folder, "items-cognito.conf"), "w", encoding="utf-8") as out:
            out.write(filled(self.defines))
        env = {
            "AWS_ACCESS_KEY_ID": self.keys[0], "AWS_SECRET_ACCESS_KEY": self.keys[1],
            "AWS_ENDPOINT_URL_DYNAMODB": self.strict["items"].url, **SANITIZER,
        }
        self.server = httpd.Httpd(self.folder, self.base() + "Include items-cognito.conf\n", env)
        self.server.error_log = os.path.join(self.logs, "items_error.log")
        self.server.start(self.clear_port)

    def call(self, method, path, body=None, token=None, headers=None):
        """Over TLS, verified."""
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=20)
        connection.sock = self.tls()
        fields = {"Content-Type": "application/json"} if body is not None else {}
        if token is not None:
            fields["Authorization"] = "Bearer " + token
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, data, {**fields, **(headers or {})})
        response = connection.getresponse()
        reply = Reply(response.status, response.getheaders(), response.read())
        connection.close()
        return reply

    def tls(self, **more):
        context = ssl.create_default_context(cafile=self.emulator.authority.file)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # it is the server that is to refuse
        for name, value in more.items():
            setattr(context, name, value)
        sock = socket.create_connection(("127.0.0.1", self.port), 20)
        return context.wrap_socket(sock, server_hostname=HOST)

    def raw(self, data):
        """One answer to these bytes, over TLS."""
        with self.tls() as sock:
            sock.settimeout(15)
            sock.sendall(data)
            answer = b""
            while b"\r\n\r\n" not in answer:
                block = sock.recv(65536)
                if not block:
                    break
                answer += block
            return answer

    def access_log(self):
        with open(os.path.join(self.logs, "items_access.log"), encoding="utf-8") as log:
            return log.read()


@pytest.fixture(scope="module", params=["event", "prefork"])
def site(folder, emulator, issuer, keys, request):
    place = os.path.join(folder, "cognito-" + request.param)
    os.mkdir(place, 0o755)
    with Site(place, request.param, emulator, issuer, keys).running() as made:
        yield made


@pytest.fixture
def world(site):
    with site.gated():
        put(site, "items", id="known", name="secret name")
        yield site


@pytest.fixture(scope="module")
def tokens(site):
    return site.sign_in()


def claims_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# httpd -t.


def syntax(folder, text, before=""):
    """`httpd -t` of an httpd.conf that includes this text."""
    with open(os.path.join(folder, "items-cognito.conf"), "w", encoding="utf-8") as out:
        out.write(text)
    return httpd.Httpd(str(folder), before + "Include items-cognito.conf\n", SANITIZER).check()


def test_it_passes_the_syntax_check(site, tmp_path):
    """With region, pool and client filled in, a certificate and a folder for logs; port, key set and
    issuer are the shipped ones."""
    mine = {name: site.defines[name] for name in (
        "ITEMS_REGION", "ITEMS_POOL", "ITEMS_CLIENT", "ITEMS_CERTIFICATE", "ITEMS_KEY")}
    mine["ITEMS_LOGS"] = str(tmp_path)
    before = httpd.server_config(module=MODULE, more_modules=MODULES)
    assert syntax(tmp_path, filled(mine), before) == (0, "Syntax OK\n")


@pytest.mark.parametrize("missing", ["items", "auth_openidc", "authz_user", "ssl", "headers", "alias",
                                     "reqtimeout"])
def test_it_says_which_module_is_missing(site, tmp_path, missing):
    before = httpd.server_config(module=MODULE, more_modules=MODULES)
    before, count = re.subn(rf"(?m)^LoadModule {missing}_module .*\n", "", before)
    assert count == 1
    before = before.replace("RequestReadTimeout ", "#")
    status, words = syntax(tmp_path, filled({**site.defines, "ITEMS_LOGS": str(tmp_path)}), before)
    assert status != 0 and f"items-cognito.conf needs mod_{missing}" in words


def test_what_it_must_have():
    """The list that the shipped example is held against; what each line does is tried out below."""
    text = shipped()
    for line in ("HttpProtocolOptions Strict Require1.0", "TraceEnable Off", "MergeSlashes On",
                 "AllowEncodedSlashes NoDecode", "MaxRanges none", "LimitRequestBody 1048576",
                 "LimitRequestFields 50", "OIDCOAuthAcceptTokenAs header",
                 "OIDCPassClaimsAs environment"):
        assert re.search(rf"(?m)^\s+{re.escape(line)}$", text), line
    assert "ItemsPublic" not in text and "ValidateServer" not in text and "%u" not in re.findall(
        r"(?m)^\s+LogFormat.*$", text)[0]


def test_every_variable_that_it_logs_exists():
    """ITEMS_ names of LogFormat are those that the README lists."""
    with open(os.path.join(httpd.ROOT, "README.md"), encoding="utf-8") as file:
        listed = file.read().partition("In the environment of a request, for `LogFormat`")[2]
    known = set(re.findall(r"`(ITEMS_[A-Z_]+)`", listed.partition("\n\n")[0]))
    assert set(re.findall(r"%\{(ITEMS_[A-Z_]+)\}e", shipped())) == known


# The pool's own tokens.


def test_a_user_signs_in_and_works(world, tokens):
    token = tokens["AccessToken"]
    assert claims_of(token)["token_use"] == "access"
    made = world.call("POST", "/items", {"name": "Lamp"}, token)
    assert made.status == 201
    path = made.header("Location")
    assert world.call("GET", path, token=token).json["data"]["name"] == "Lamp"
    assert world.call("PUT", path, {"status": "sold"}, token).json["data"]["status"] == "sold"
    assert world.call("GET", "/items?limit=1", token=token).json["count"] == 1
    assert world.call("DELETE", path, token=token).status == 200
    assert world.call("GET", path, token=token).status == 404
    assert world.strict["items"].operations() == [
        "PutItem", "GetItem", "UpdateItem", "Scan", "DeleteItem", "GetItem"]


def test_a_refreshed_token(world, tokens):
    fresh = world.emulator.admin.cognito(
        "InitiateAuth", ClientId=world.app, AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]})["AuthenticationResult"]
    assert world.call("GET", "/items/known", token=fresh["AccessToken"]).status == 200


def test_other_tokens_of_the_pool(world, tokens):
    """The same user's ID token and refresh token, and access tokens of other clients: for somebody else."""
    assert claims_of(tokens["IdToken"])["token_use"] == "id"
    others = world.sign_in(world._client())["AccessToken"]
    machine = world.issuer.token()
    assert claims_of(machine)["iss"] == claims_of(others)["iss"] == world.issuer.url
    for token in (tokens["IdToken"], tokens["RefreshToken"], others, machine):
        for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
            is_refused(world, world.call(method, "/items/known", body, token))


def test_tokens_of_another_pool(world, emulator):
    """Another pool of the same region, and somebody's own keys under this pool's names."""
    call = emulator.admin.cognito
    other = type("Other", (), {"pool": call("CreateUserPool", PoolName="other")["UserPool"]["Id"]})
    client = call("CreateUserPoolClient", UserPoolId=other.pool, ClientName="app",
                  ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"])["UserPoolClient"]["ClientId"]
    is_refused(world, world.call("GET", "/items/known",
                                 token=world.sign_in(client, issuer=other)["AccessToken"]))
    for kid in (world.pool.kid, "x"):
        forged = world.pool.sign(world.pool.header(kid=kid), world.pool.claims(
            iss=world.issuer.url, client_id=world.app))
        is_refused(world, world.call("GET", "/items/known", token=forged))


def test_tampered_tokens(world, tokens):
    header, claims, signature = tokens["AccessToken"].split(".")
    admin = pools.encode({**claims_of(tokens["AccessToken"]), "sub": "admin"})
    for token in (f"{header}.{admin}.{signature}", f"{header}.{claims}.{signature[:-4]}AAAA",
                  f"{pools.encode({'alg': 'none'})}.{claims}.", f"{header}.{claims}", "junk"):
        is_refused(world, world.call("GET", "/items/known", token=token))


def test_no_token(world):
    for method, body in (("GET", None), ("POST", {"name": "x"}), ("DELETE", None)):
        is_refused(world, world.call(method, "/items/known" if method != "POST" else "/items", body),
                   "Bearer")
    assert world.call("OPTIONS", "/items", headers={
        "Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}).status == 204


# The virtual host.


def test_strict_transport_security(world, tokens):
    """On every answer, whoever gives it."""
    token = tokens["AccessToken"]
    for method, path, which in (("GET", "/items/known", token), ("GET", "/items/absent", token),
                                ("GET", "/items/known", None), ("OPTIONS", "/items", None),
                                ("GET", "/", None), ("GET", "/nowhere", None), ("TRACE", "/", None)):
        reply = world.call(method, path, token=which)
        assert reply.header("Strict-Transport-Security") == "max-age=63072000", path
        assert reply.header("Server") in ("Apache", None)


def test_nothing_in_clear(world, tokens):
    """Neither answered nor redirected, whatever it is; no Location to follow."""
    for method, path in (("GET", "/items/known"), ("POST", "/items"), ("GET", "/"), ("OPTIONS", "/items")):
        answer = exchange(world.clear_port, request_bytes(
            method, path, ["Content-Length: 0"], host=HOST, token=tokens["AccessToken"]))
        assert answer.startswith(b"HTTP/1.1 403 ") and b"\r\nLocation:" not in answer
        assert b"secret name" not in answer
    assert world.strict["items"].calls == []


@pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning")
def test_old_tls(world):
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            world.tls(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=version)
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        world.tls(minimum_version=version, maximum_version=version).close()


def test_methods(world, tokens):
    token = tokens["AccessToken"]
    for path in ("/", "/items/known"):
        assert world.call("TRACE", path, token=token).status in (404, 405)
    reply = world.call("PATCH", "/items/known", {"name": "x"}, token)
    assert reply.status == 405 and "PUT" in reply.header("Allow")
    assert world.call("BREW", "/items/known", token=token).status == 405
    assert world.call("HEAD", "/items/known", token=token).body == b""


def test_elsewhere(world, tokens):
    """Only /items is served here."""
    with open(os.path.join(world.folder, "docs", "page.txt"), "w", encoding="ascii") as page:
        page.write("secret name")
    for path in ("/page.txt", "/", "/itemsx", "/item", "/server-status", "/items/../page.txt"):
        reply = world.call("GET", path, token=tokens["AccessToken"])
        assert reply.status in (400, 403, 404) and b"secret name" not in reply.body, path
    assert world.strict["items"].calls == []


def test_sizes(world, tokens):
    token = tokens["AccessToken"]
    reply = world.call("POST", "/items", {"name": "a", "description": "x" * 1048576}, token)
    assert reply.status == 413
    reply = world.call("GET", "/items/known", token=token, headers={f"X-{i}": "1" for i in range(60)})
    assert reply.status in (400, 431)
    assert world.call("GET", "/items/" + "a" * 9000, token=token).status == 414
    assert world.call("GET", "/items/known", token=token,
                      headers={"X-Long": "a" * 9000}).status in (400, 431)
    assert world.strict["items"].calls == []
    # an id of 2,048 bytes, each of them percent-encoded
    assert world.call("GET", "/items/" + "%61" * 2048, token=token).status == 404
    assert world.strict["items"].operations() == ["GetItem"]


def test_ids_with_slashes(world, tokens):
    put(world, "items", id="a/b", name="n")
    reply = world.call("GET", "/items/a%2Fb", token=tokens["AccessToken"])
    assert reply.status == 200 and reply.json["data"]["id"] == "a/b"


def test_ranges(world, tokens):
    reply = world.call("GET", "/items/known", token=tokens["AccessToken"],
                       headers={"Range": "bytes=0-3,5-9"})
    assert reply.status == 200 and reply.json["data"]["name"] == "secret name"


def test_strict_parsing(world):
    for data in (b"GET /items HTTP/0.9\r\n\r\n", b"GET /items\r\n\r\n",
                 b"GET /items HTTP/1.1\nHost: api.test\n\n",
                 b"GET /items HTTP/1.1\r\nHost: api.test\r\nA : b\r\n\r\n",
                 b"GET  /items HTTP/1.1\r\nHost: api.test\r\n\r\n"):
        answer = world.raw(data)
        assert not answer.startswith(b"HTTP/1.1 2") and b'"data"' not in answer, data
    assert world.strict["items"].calls == []


def test_slow_handshakes_are_cut(world):
    """RequestReadTimeout: a handshake may take 5 s."""
    with socket.create_connection(("127.0.0.1", world.port), 20) as sock:
        sock.sendall(b"\x16")  # the kernel hands over no connection that has sent nothing
        begin = time.monotonic()
        sock.settimeout(12)
        assert sock.recv(1) == b""
        assert 4 < time.monotonic() - begin < 11


def test_the_logs(world, tokens):
    token = tokens["AccessToken"]
    reply = world.call("GET", f"/items/known?access_token={token}&x=1", token=token)
    refused = world.call("GET", "/items/known", token=token[:-6] + "AAAAAA")
    lines = {}
    for answer in (reply, refused):
        request_id = answer.header("X-Request-Id")
        for _ in range(100):
            found = [line for line in world.access_log().splitlines() if request_id in line]
            if found:
                break
            time.sleep(0.02)
        assert len(found) == 1
        lines[answer.status] = found[0]
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} 127\.0\.0\.1 "
        r'"GET /items/known\?access_token=\*+&x=1 HTTP/1\.1" 200 \d+ \d+us '
        r'route="GET /items/\{id\}" outcome=ok attempts=1 dynamodb_ms=\d+\.\d{3} '
        r"dynamodb_request_id=\S{20,} request_id=[0-9a-f]{32}", lines[200]), lines[200]
    assert " 401 " in lines[401] and "outcome=refused" in lines[401]
    sub = claims_of(token)["sub"]
    for name in os.listdir(world.logs):
        with open(os.path.join(world.logs, name), encoding="utf-8", errors="replace") as log:
            written = log.read()
        for secret in (token, token.split(".")[2], sub, "jane", world.keys[1]):
            assert secret not in written, name


def test_the_certificate_of_the_key_set_is_verified(site, folder, emulator, issuer, keys):
    """Without the authority of the kit nobody comes in: the file says nothing that would let the keys
    come from anybody else."""
    place = os.path.join(folder, "cognito-unknown-" + site.mpm)
    os.mkdir(place, 0o755)
    stranger = Site(place, site.mpm, emulator, issuer, keys)
    stranger._app = site.app
    stranger.defines["ITEMS_CLIENT"] = site.app
    plain = stranger.base
    stranger.base = lambda: re.sub("(?m)^OIDCCABundlePath.*\n", "", plain())
    stranger.start()
    try:
        stranger.begin_test()
        reply = stranger.call("GET", "/items/known", token=site.sign_in()["AccessToken"])
        assert reply.status in (401, 503) and b"secret name" not in reply.body
        assert stranger.strict["items"].calls == []
    finally:
        stranger.stop()
        shutil.rmtree(place, ignore_errors=True)
