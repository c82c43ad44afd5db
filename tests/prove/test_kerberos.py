# SPDX-License-Identifier: Apache-2.0
"""mod_auth_gssapi for real: a realm of our own on 127.0.0.1, a user with a ticket, curl --negotiate.

Fixtures are those of tests/http (-p conftest).
"""

import os
import subprocess

import httpd
import pools
import process
import pytest
from client import Client
from tables import put
from world import World

ROOT = os.path.join(httpd.ROOT, "build", "kerberos", "root", "usr")
LIBRARIES = os.path.join(ROOT, "lib", "x86_64-linux-gnu")
HOST = "gssapi.test"


class Realm:
    """TEST, with the users joe and jane (passwords: their names) and the service HTTP/gssapi.test."""

    def __init__(self, folder):
        self.folder = folder
        with process.listener() as probe:
            port = probe.getsockname()[1]
        self.config = os.path.join(folder, "krb5.conf")
        self.keytab = os.path.join(folder, "http.keytab")
        with open(self.config, "w", encoding="ascii") as out:
            out.write(
                "[libdefaults]\ndefault_realm = TEST\ndns_lookup_kdc = false\nrdns = false\n"
                "dns_canonicalize_hostname = false\nudp_preference_limit = 1\n"
                f"[realms]\nTEST = {{\n kdc = 127.0.0.1:{port}\n}}\n"
                f"[dbmodules]\ndb_module_dir = {LIBRARIES}/krb5/plugins/kdb\n"
            )
        with open(os.path.join(folder, "kdc.conf"), "w", encoding="ascii") as out:
            out.write(
                f"[realms]\nTEST = {{\n database_name = {folder}/principal\n"
                f" key_stash_file = {folder}/stash\n kdc_listen = 127.0.0.1:{port}\n"
                f" kdc_tcp_listen = 127.0.0.1:{port}\n max_life = 1h\n}}\n"
                f"[dbmodules]\ndb_module_dir = {LIBRARIES}/krb5/plugins/kdb\n"
            )
        self.env = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": LIBRARIES,
            "KRB5_CONFIG": self.config, "KRB5_KDC_PROFILE": os.path.join(folder, "kdc.conf"),
        }
        self.run("sbin/kdb5_util", "create", "-s", "-r", "TEST", "-P", "master")
        for line in ("addprinc -pw joe joe", "addprinc -pw jane jane", f"addprinc -randkey HTTP/{HOST}",
                     f"ktadd -k {self.keytab} HTTP/{HOST}"):
            self.run("sbin/kadmin.local", "-r", "TEST", "-q", line)
        os.chmod(self.keytab, 0o644)
        self.kdc = process.Child("the KDC", [os.path.join(ROOT, "sbin/krb5kdc"), "-n"], env=self.env,
                                 folder=folder, log=os.path.join(folder, "kdc.log"))
        self.kdc.wait_until(lambda: self.ticket("joe", "joe") is not None)

    def run(self, program, *arguments, **more):
        done = subprocess.run([os.path.join(ROOT, program), *arguments], env=self.env, check=False,
                              capture_output=True, text=True, timeout=30, **more)
        assert done.returncode == 0, done.stderr
        return done

    def ticket(self, user, password):
        """A credential cache, or None."""
        cache = os.path.join(self.folder, user + ".cache")
        done = subprocess.run([os.path.join(ROOT, "bin/kinit"), "-c", cache, user], input=password + "\n",
                              env=self.env, capture_output=True, text=True, check=False, timeout=30)
        return cache if done.returncode == 0 else None


class Site(World):
    MODULES = (*World.MODULES, "auth_gssapi", "rewrite")
    realm = None

    def _describe(self):
        self.pool = pools.Pool(self.emulator.authority.issue("keyset"))
        url = self.backend("items").url
        location = (
            '<Location "/items">\nAuthType GSSAPI\nAuthName items\n'
            f"GssapiCredStore keytab:{self.realm.keytab}\nGssapiLocalName On\n"
            'RewriteEngine On\nRewriteCond "%{REMOTE_USER}" "^joe"\n'
            'RewriteRule "" "-" [E=ITEMS_SCOPES:items/write]\n'
            "Require valid-user\n</Location>\n"
        )
        self.host("gssapi", url, identity="ItemsIssuer none\n", location=location)
        self.host("scoped", url, identity="ItemsIssuer none\n",
                  location=location, directives="ItemsScope GET,PUT items/write\n"
                  "ItemsScopeVariable ITEMS_SCOPES\n")


@pytest.fixture(scope="module")
def realm(folder):
    place = os.path.join(folder, "realm")
    os.mkdir(place, 0o755)
    made = Realm(place)
    yield made
    made.kdc.stop()


@pytest.fixture(scope="module", params=["event", "prefork"])
def site(folder, emulator, issuer, keys, realm, request):
    place = os.path.join(folder, "kerberos-" + request.param)
    os.mkdir(place, 0o755)
    made = type("Here", (Site,), {"realm": realm})(
        place, request.param, emulator, issuer, keys,
        env={"KRB5_CONFIG": realm.config, "KRB5RCACHENAME": "none:"})
    with made.running():
        yield made


@pytest.fixture
def world(site):
    with site.gated():
        put(site, "items", id="known", name="secret name")
        yield site


def curl(world, cache, *more, virtual=HOST):
    """Status and body of the last answer."""
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "20", "--noproxy", "*", "--negotiate", "--user", ":",
         "--connect-to", f"{HOST}:{world.port}:127.0.0.1:{world.port}", "--header", f"Host: {virtual}",
         "--write-out", "\n%{http_code}", *more, f"http://{HOST}:{world.port}/items/known"],
        env={"PATH": "/usr/bin:/bin", "KRB5_CONFIG": world.realm.config,
             "KRB5CCNAME": cache or "FILE:/nonexistent"},
        capture_output=True, text=True, check=False, timeout=30)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_a_ticket(world, realm):
    status, body = curl(world, realm.ticket("joe", "joe"))
    assert status == 200 and "secret name" in body
    assert realm.ticket("joe", "wrong") is None


def test_no_ticket(world):
    call = Client(world.port, host=HOST)
    for headers in ({}, {"Authorization": "Negotiate"}, {"Authorization": "Negotiate AAAA"},
                    {"Authorization": "Basic am9lOmpvZQ=="}, {"Authorization": "Bearer x"},
                    {"REMOTE_USER": "joe", "X-Remote-User": "joe", "GSS_NAME": "joe@TEST"}):
        reply = call("GET", "/items/known", headers=headers)
        assert reply.status == 401 and reply.json["code"] == "unauthorized"
        assert reply.header("WWW-Authenticate").split()[0] == "Negotiate"
    assert curl(world, None)[0] == 401
    assert world.strict["items"].calls == []
    world.expect("[auth_gssapi:error]")


def test_forms(world, realm):
    """A browser negotiates by itself."""
    ticket = realm.ticket("joe", "joe")
    assert curl(world, ticket, "--request", "PUT", "--data", '{"name":"secret name"}')[0] == 415
    assert curl(world, ticket, "--request", "PUT", "--data", '{"name":"secret name"}',
                "--header", "Content-Type: application/json")[0] == 200


def test_scopes(world, realm):
    assert curl(world, realm.ticket("joe", "joe"), virtual="scoped.test")[0] == 200
    world.strict["items"].clear()
    status, body = curl(world, realm.ticket("jane", "jane"), virtual="scoped.test")
    assert status == 403 and '"insufficient_scope"' in body
    assert world.strict["items"].calls == []
