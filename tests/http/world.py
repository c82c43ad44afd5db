# SPDX-License-Identifier: Apache-2.0
"""One httpd with many virtual hosts, each in front of DynamoDB in its own way.

A virtual host is chosen by name (NAME.test), so that one server start serves
every test; what a test needs to be different is a name here.
"""

import contextlib
import datetime
import os
import re
import signal
import socket
import subprocess
import time

import certs
import httpd
import pools
import process
import pytest
from client import Client
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from strict import Strict

# A line of httpd's error log: [time] [module:level] [pid …] …
LOG_LINE = re.compile(r"\[[^]]*\] \[([a-z0-9_]*):([a-z0-9]+)\] (.*)")
GRAVE = {"emerg", "alert", "crit", "error", "warn"}

# The end of a child, which httpd's core tells at notice, and what sanitizers say.
BROKEN = re.compile(r"exit signal|Sanitizer|runtime error:|SUMMARY:")

# Lines that no module can avoid, and why.
UNAVOIDABLE = [
    # mod_auth_openidc says at each start that its resource-server half has a successor.
    r"deprecated.*mod_oauth2",
    # 2.4.20 asks for an audience, which Cognito's access tokens don't have: ItemsClientId judges that.
    r"oidc_check_config_oauth: .*'OIDCOAuthVerify(Audience|Issuer)' is not set",
    # httpd's core tells of a broken path at error. Ours are refused before it looks; of paths that
    # are not below /items it may tell.
    r"\[core:error\] .* AH10244: invalid URI path \((?!/items(?:[/?)]|$))",
]

# The faulty backend's host: short times, so that every bound is tried in a second or two.
SHORT = "ItemsTimeout 1s\nItemsAttemptTimeout 400ms\nItemsConnectTimeout 300ms\n"
SHORT_SECONDS = 1.0
SLACK_SECONDS = 0.5

MODULE = os.environ.get("ITEMS_MODULE", httpd.BUILT)

# A module that was built with sanitizers needs their libraries in httpd before all others. Other
# builds (tests/prove) name what theirs need as NAME=VALUE, separated by blanks.
SANITIZER = {
    "LD_PRELOAD": ":".join(os.environ["ITEMS_PRELOAD"].split()),
    # A stock httpd leaks what it allocates once.
    "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
} if os.environ.get("ITEMS_PRELOAD", "").strip() else {}
SANITIZER.update(pair.split("=", 1) for pair in os.environ.get("ITEMS_HTTPD_ENV", "").split())

SET_TOKEN = 'SetEnvIf X-Token "(.+)" OIDC_access_token=$1\n'

PAGE_KEY = b"k" * 16 + b"0123456789abcdef" + b"\n"
PAGE_KEY_2 = b"q" * 16 + b"0123456789abcdef" + b"\n"


def none_of(wrong):
    """Fail with what is wrong in full: an assertion would shorten it."""
    if wrong:
        pytest.fail("\n".join(wrong[:20]), pytrace=False)


def ended(server, how=signal.SIGWINCH):
    """Stop it, in order; what was wrong with it or its children, a list."""
    status = server.stop(how)
    wrong = [] if status == 0 else [f"httpd ended with status {status}"]
    with open(os.path.join(server.folder, "logs", "stderr"), encoding="utf-8", errors="replace") as said:
        return wrong + [line for line in (server.log() + said.read()).splitlines()
                        if BROKEN.search(line)]


class World:
    """mpm: event, worker or prefork. env is added to httpd's environment."""

    MODULES = ("auth_basic", "authn_file", "setenvif")

    def __init__(self, folder, mpm, emulator, issuer, keys, dynalite=None, env=None):
        self.folder = folder
        self.mpm = mpm
        self.emulator = emulator
        self.issuer = issuer
        self.keys = keys
        self.token = issuer.token()
        self.env = env or {}
        self.port = process.free_port()
        self.dynalite = dynalite
        self.strict = {}
        self.hosts = []
        self.offset = 0
        self.expected = []
        self.allowed = list(UNAVOIDABLE)
        self._write_files()
        self._describe()

    def _write_files(self):
        """Page keys, and users for Basic authentication: joe, and one without a name; secret."""
        for name, data in (("page.key", PAGE_KEY), ("page2.key", PAGE_KEY_2)):
            path = os.path.join(self.folder, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
                out.write(data)
        digest = subprocess.run(
            ["openssl", "passwd", "-apr1", "secret"], check=True, capture_output=True, text=True
        ).stdout
        with open(os.path.join(self.folder, "users"), "w", encoding="ascii") as users:
            users.write("joe:" + digest + ":" + digest)

    def backend(self, name, upstream=None, **more):
        """A strict proxy of that name."""
        upstream = upstream or self.emulator.plain_port
        self.strict[name] = Strict(upstream, self.keys, **more)
        return self.strict[name]

    def host(self, name, url, *, table="items", directives="", location=None, identity=None):
        """A virtual host. identity None: tokens of the issuer."""
        if identity is None:
            identity = (
                f"ItemsIssuer {self.issuer.url}\nItemsClientId {self.issuer.client_id}\n"
            )
        if location is None:
            location = httpd.location_config()
        self.hosts.append(
            f"<VirtualHost 127.0.0.1:{self.port}>\n"
            f"ServerName {name}.test\n"
            "AllowEncodedSlashes NoDecode\n"
            f"ItemsTable {table}\n"
            f"ItemsEndpoint {url}\n"
            f"{identity}{directives}{location}"
            "</VirtualHost>\n"
        )

    def _describe(self):
        authority = self.emulator.authority
        public = {"identity": "ItemsPublic On\n", "location": ""}
        # What everything else inherits stands in the main server.
        items = self.backend("items")
        self.host("items", items.url)
        # The same table over TLS.
        tls = self.backend("tls", tls=authority.issue("strict"))
        self.host("tls", tls.url, directives=f"ItemsCAFile {authority.file}\n")
        # Another table in the same server, at another path.
        self.host(
            "other", items.url, table="other", directives="ItemsPath /v1/things\n",
            location=httpd.location_config("/v1/things"),
        )
        self.host("lists", items.url, table="lists", directives="ItemsPageSize 5 50\n")
        self.host(
            "plaintokens", items.url, table="lists",
            directives="ItemsPlainTokens On\nItemsPageKey file:page.key\nItemsPageTokenAge 2s\n",
        )
        self.host(
            "twokeys", items.url, table="lists",
            directives="ItemsPageKey file:page2.key file:page.key\n",
        )
        self.host("keyed", items.url, table="lists", directives="ItemsPageKey file:page.key\n")
        self.host("consistent", items.url, directives="ItemsConsistentRead On\n")
        self.host("small", items.url, directives="ItemsBodyLimit 1000\n")
        self.host("nocors", items.url, directives="ItemsCORSOrigin none\n")
        # httpd's default: %2F in a path is a 404 of its core.
        self.host("slashes", items.url, directives="AllowEncodedSlashes Off\n")
        self.host("public", items.url, **public)
        self.host(
            "publictls", tls.url, directives=f"ItemsCAFile {authority.file}\n", **public)
        self.host(
            "basic", items.url, identity="ItemsIssuer none\n",
            location='<Location "/items">\nAuthType Basic\nAuthName items\n'
            "AuthBasicProvider file\nAuthUserFile users\nRequire valid-user\n</Location>\n",
        )
        # mod_auth_basic names the user before it looks at the password.
        self.host(
            "basicredirect", items.url, identity="ItemsIssuer none\n",
            directives="ErrorDocument 401 /items/known\n",
            location='<Location "/items">\nAuthType Basic\nAuthName items\n'
            "AuthBasicProvider file\nAuthUserFile users\nRequire valid-user\n</Location>\n",
        )
        # Nobody has said who may come in: closed.
        self.host("closed", items.url, location="")
        self.host(
            "granted", items.url,
            location='<Location "/items">\nRequire all granted\n</Location>\n',
        )
        # The redirect copies the user past authentication (auth-bypass by ErrorDocument).
        self.host(
            "redirect", items.url,
            directives="ErrorDocument 401 /items/known\nErrorDocument 404 /items/known\n",
        )
        self.host("limited", items.url, directives="LimitRequestBody 2000\n")
        # A SetHandler that takes an outer one back, one that names us, and one that doesn't.
        self.host(
            "handlers", items.url, identity="ItemsPublic On\n",
            location='<Location "/items">\nSetHandler none\n</Location>\n'
            '<Location "/items/ours">\nSetHandler items\n</Location>\n'
            '<Location "/items/theirs">\nSetHandler "expr=no-%{HTTP_HOST}"\n</Location>\n',
        )
        self.host("talkative", items.url, directives="LimitRequestBody 2000\nLogLevel items:debug\n")
        self.host("traced", items.url, directives="LogLevel items:trace4\n")
        self.host("slow", items.url, directives="RequestReadTimeout body=2\n")
        # The faulty ones.
        faulty = self.backend("faulty")
        self.host("faulty", faulty.url, directives=SHORT)
        self.host("patient", faulty.url)  # the defaults' times
        self.host("brief", faulty.url, directives="ItemsTimeout 600ms\n")
        flaky_tls = self.backend("faultytls", tls=authority.issue("faultytls"))
        self.host(
            "faultytls", flaky_tls.url, directives=SHORT + f"ItemsCAFile {authority.file}\n"
        )
        one = self.backend("one")
        self.host("one", one.url, directives=SHORT + "ItemsConnections 1\n")
        self.host("nodns", "http://no-such-host.invalid:8000 unsafe-http", directives=SHORT)
        self.host("deaf", f"http://127.0.0.1:{self._deaf_port()}", directives=SHORT)
        self._bad_tls(authority)
        self._token_hosts(authority, items.url)
        self.host("notable", items.url, table="absent")
        self.host("denied", items.url, table="forbidden")
        if self.dynalite:
            second = self.backend("dynalite", upstream=self.dynalite.port)
            self.host("dynalite", second.url)
            self.host("many", second.url, table="many")

    def _token_hosts(self, authority, url):
        """For a pool of the tests' own, whose tokens can say anything."""
        self.pool = pools.Pool(authority.issue("keyset"))
        identity = self.pool.identity()
        self.host("tokens", url, identity=identity)
        self.host(
            "scoped", url, identity=identity,
            directives="ItemsScope GET items/read items/admin\n"
            "ItemsScope POST,PUT items/write items/admin\n",
        )
        self.host("tokenlog", url, identity=identity, directives="LogLevel items:debug\n")
        self.host("verbose", url, identity=identity, directives="LogLevel auth_openidc:error\n")
        # The pool's second key under another name, beside the keys of the emulator's pool.
        path = os.path.join(self.folder, "own.pem")
        with open(path, "wb") as out:
            out.write(self.pool.keys["k2"].public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        self.host(
            "bothkeys", url, identity=self.pool.identity().replace(self.pool.url, self.issuer.jwks)
            + f"OIDCOAuthVerifyCertFiles own#{path}\n",
        )
        for name, old, new in (
            ("headers", "OIDCPassClaimsAs environment", "OIDCPassClaimsAs headers"),
            ("anywhere", "AcceptTokenAs header", "AcceptTokenAs header query cookie:access_token"),
            ("both", "AuthType oauth20", "AuthType auth-openidc"),
            ("required", "Require valid-user", "Require claim level:high"),
            # An administrator who lets clients write into the environment.
            ("env", "PassClaimsAs environment", f"PassClaimsAs headers\n{SET_TOKEN}"),
            ("basicenv", "AuthType oauth20", "AuthType Basic\nAuthBasicProvider file\n"
             f"AuthUserFile users\n{SET_TOKEN}"),
        ):
            location = httpd.location_config()
            assert old in location
            self.host(name, url, identity=identity, location=location.replace(old, new))

        self.host(
            "requiredredirect", url, identity=identity,
            directives="ErrorDocument 401 /items/known\n",
            location=httpd.location_config().replace("valid-user", "claim level:high"),
        )

    def _bad_tls(self, authority):
        day = datetime.timedelta(days=1)
        stranger = certs.Authority(self.folder, "stranger")
        bad = {
            "tlsname": authority.issue("tlsname", names=("dynamodb.example",)),
            "tlsold": authority.issue("tlsold", until=-day),
            "tlsstranger": stranger.issue("tlsstranger"),
            "tlspurpose": authority.issue("tlspurpose", usage=ExtendedKeyUsageOID.CLIENT_AUTH),
        }
        for name, pair in bad.items():
            server = self.backend(name, tls=pair)
            self.host(name, server.url, directives=SHORT + f"ItemsCAFile {authority.file}\n")

    def _deaf_port(self):
        """A port whose backlog is full and stays so: no handshake is ever finished."""
        self.deaf = socket.socket()
        self.deaf.bind(("127.0.0.1", 0))
        self.deaf.listen(0)
        self.deaf_fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self.deaf.getsockname())
            self.deaf_fillers.append(filler)
        return self.deaf.getsockname()[1]

    def start(self):
        more = [*self.MODULES]
        protocols = ""
        if self.mpm != "prefork":  # mod_http2 serves no prefork
            more.append("http2")
            protocols = "Protocols h2c http/1.1\n"
        config = (
            httpd.server_config(
                self.mpm, module=MODULE, more_modules=more
            )
            + f"Listen 127.0.0.1:{self.port}\n"
            + protocols
            + 'LogFormat "%{ITEMS_REQUEST_ID}e %>s \\"%r\\" %{ITEMS_ROUTE}e %{ITEMS_ATTEMPTS}e" t\n'
            + "CustomLog logs/access.log t\n"
            + "KeepAliveTimeout 30\nMaxKeepAliveRequests 0\n"
            + f"ItemsRegion {self.emulator.admin.region}\n"
            + httpd.token_config(self.issuer, self.emulator.authority.file)
            + "".join(self.hosts)
        )
        env = {
            "AWS_ACCESS_KEY_ID": self.keys[0],
            "AWS_SECRET_ACCESS_KEY": self.keys[1],
            **SANITIZER,
            **self.env,
        }
        self.server = httpd.Httpd(self.folder, config, env)
        self.server.start(self.port)

    @contextlib.contextmanager
    def running(self):
        """Started, and at the end stopped in order; nothing grave is said at either."""
        self.start()
        none_of(self.grave_lines(self.server.log()))
        yield self
        none_of(self.stop())

    @contextlib.contextmanager
    def gated(self):
        """For one test: the gate behind it."""
        self.begin_test()
        yield self
        none_of(self.end_test())

    def children(self):
        """The process ids of httpd's children."""
        with open(f"/proc/{self.server.pid}/task/{self.server.pid}/children", encoding="ascii") as pids:
            return sorted(pids.read().split())

    # The error log as an assertion.

    def begin_test(self):
        self.offset = len(self.server.log())
        self.expected = []
        for proxy in self.strict.values():
            proxy.clear()

    def expect(self, *tags):
        """The test announces lines with these tags (or pieces of text)."""
        self.expected.extend(tags)

    def grave_lines(self, text):
        """Lines at warning or above, and whatever breaks a child."""
        found = []
        for line in text.splitlines():
            match = LOG_LINE.match(line)
            is_grave = match and match[2] in GRAVE and not any(re.search(a, line) for a in self.allowed)
            if is_grave or BROKEN.search(line):
                found.append(line)
        return found

    def log_since_begin(self):
        return self.server.log()[self.offset:]

    def end_test(self):
        """What is wrong with how the test left things, a list."""
        missing = list(self.expected)
        deadline = time.monotonic() + 2
        while missing:
            log = self.log_since_begin()
            missing = [tag for tag in missing if tag not in log]
            if time.monotonic() > deadline:
                break
            if missing:
                time.sleep(0.02)
        wrong = [f"announced, but not in the error log: {tag}" for tag in missing]
        wrong += [
            f"not announced: {line}"
            for line in self.grave_lines(self.log_since_begin())
            if not any(tag in line for tag in self.expected)
        ]
        for name, proxy in self.strict.items():
            wrong += [f"backend {name}: {words}" for words in proxy.violations]
        return wrong

    def stop(self):
        """Gracefully; what was wrong with it, a list."""
        Client.close_all(self.port)  # a thread of worker would wait for the next request
        self.offset = len(self.server.log())
        wrong = ended(self.server)
        wrong += [line for line in self.grave_lines(self.log_since_begin()) if line not in wrong]
        for proxy in self.strict.values():
            proxy.close()
        self.pool.close()
        return wrong
