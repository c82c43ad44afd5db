# SPDX-License-Identifier: Apache-2.0
"""Configuration: what `httpd -t` refuses, with file and line, and what a start says."""

import os
import re

import httpd
import process
import pytest
from client import Client
from strict import Strict
from tables import put
from world import MODULE, SANITIZER

GOOD = "ItemsTable items\nItemsRegion eu-central-1\nItemsPublic On\n"


@pytest.fixture
def check(tmp_path):
    """check(directives): status and words of `httpd -t`; the directives begin at line 100."""

    def run(directives, env=None, files=None):
        os.chmod(tmp_path, 0o755)
        for name, (data, mode) in (files or {}).items():
            path = tmp_path / name
            path.write_bytes(data)
            path.chmod(mode)
        head = httpd.server_config(module=MODULE) + "Listen 127.0.0.1:1\n"
        head += "#\n" * (99 - head.count("\n"))
        return httpd.Httpd(str(tmp_path), head + directives, {**SANITIZER, **(env or {})}).check()

    return run


def test_good(check):
    assert check(GOOD) == (0, "Syntax OK\n")


def test_without_a_table_nothing_is_needed(check):
    assert check("") == (0, "Syntax OK\n")
    assert check("ItemsTimeout 2s\n")[0] == 0


def test_every_directive(check):
    key = b"k" * 32 + b"\n"
    status, words = check(
        GOOD
        + "ItemsPath /v1/items\nItemsEndpoint https://dynamodb.example:8443\n"
        "ItemsTimeout 2s\nItemsConnectTimeout 100ms\nItemsAttemptTimeout 1s\nItemsConnections 10\n"
        "ItemsConsistentRead On\nItemsPageSize 10 50\nItemsBodyLimit 1000\n"
        "ItemsPageKey file:a.key file:b.key\nItemsPageTokenAge 2h\nItemsPlainTokens On\n"
        "ItemsIssuer https://issuer.example\nItemsClientId one two\nItemsCORSOrigin none\n"
        "ItemsTokenMemory 60s\n"
        "<VirtualHost *:1>\nItemsPublic Off\nItemsScope GET items/read items/admin\n"
        "ItemsScope POST,PUT,PATCH,DELETE items/write\n</VirtualHost>\n",
        files={"a.key": (key, 0o600), "b.key": (b"l" * 32, 0o400)},
    )
    assert (status, words) == (0, "Syntax OK\n")


REFUSED = [
    ("ItemsTable", "ItemsTable"), ("ItemsTable a", "255"), ("ItemsTable it/ems", "ItemsTable"),
    ("ItemsTable a b", "ItemsTable"), ("ItemsPath items", "absolute"), ("ItemsPath /", "/items"),
    ("ItemsPath /items/", "slash"), ("ItemsPath /a//b", "//"), ("ItemsPath /a/../b", "dot"),
    ("ItemsPath /a%20b", "percent"), ("ItemsRegion EU", "region"), ("ItemsRegion a.b/c", "region"),
    ("ItemsEndpoint http://dynamodb.example", "http"), ("ItemsEndpoint ftp://127.0.0.1", "http"),
    ("ItemsEndpoint dynamodb.example", "http"), ("ItemsEndpoint https://", "http"),
    ("ItemsEndpoint https://a/b", "behind the host"), ("ItemsEndpoint https://u:p@a", "user"),
    ("ItemsEndpoint http://127.0.0.1:8000 really", "unsafe-http"),
    ("ItemsCAFile absent.pem", "readable"), ("ItemsTimeout 0", "time"), ("ItemsTimeout -1s", "time"),
    ("ItemsTimeout 10m", "time"), ("ItemsTimeout soon", "time"), ("ItemsTimeout 3 s", "ItemsTimeout"),
    ("ItemsTimeout 9999999999h", "time"), ("ItemsConnectTimeout x", "time"),
    ("ItemsAttemptTimeout 1sec", "time"), ("ItemsConnections 0", "whole number"),
    ("ItemsConnections many", "whole number"), ("ItemsConnections 99999999", "whole number"),
    ("ItemsConsistentRead maybe", "On or Off"), ("ItemsPageSize 0", "whole number"),
    ("ItemsPageSize 50 20", "maximum"), ("ItemsPageSize 10 1.5", "whole number"),
    ("ItemsBodyLimit 0", "whole number"), ("ItemsBodyLimit 1MB", "whole number"),
    ("ItemsPageKey page.key", "file:"), ("ItemsPageKey secret:x", "file:"),
    ("ItemsPageKey file:", "file:"), ("ItemsPageKey file:absent.key", "absent.key"),
    ("ItemsPageKey file:/", "regular"), ("ItemsPageTokenAge 0s", "time"),
    ("ItemsPlainTokens 1", "On or Off"), ("ItemsPublic Yes", "On or Off"),
    ("ItemsIssuer cognito", "URL"), ("ItemsIssuer https://", "URL"),
    ("ItemsIssuer 'https://a b'", "URL"), ("ItemsClientId 'a b'", "ASCII"),
    ("ItemsScope", "METHOD"), ("ItemsScope GET", "METHOD"), ("ItemsScope get a", "GET,POST"),
    ("ItemsScope HEAD a", "HEAD follows GET"), ("ItemsScope OPTIONS a", "OPTIONS is open"),
    ("ItemsScope GET, a", "GET,POST"), ("ItemsScope GET,,PUT a", "GET,POST"),
    ("ItemsScope GET,GET a", "already"), ("ItemsScope GET 'a b'", "printable"),
    ("ItemsTokenMemory", "one argument"), ("ItemsTokenMemory 0", "time"),
    ("ItemsTokenMemory On", "time"), ("ItemsTokenMemory 61min", "3600s"),
    ("ItemsScopeVariable 'a b'", "variable"), ("ItemsScopeVariable HTTP_X", "headers"),
    ("ItemsScopeVariable redirect_x", "another request"), ("ItemsScopeVariable", "one argument"),
    ("ItemsScope BREW a", "GET,POST"), ("ItemsScope GET a\\b", "printable"),
    ("ItemsCORSOrigin https://app.example", "none"), ("ItemsCORSOrigin * none", "none"),
]


@pytest.mark.parametrize("line, word", REFUSED, ids=[r[0] for r in REFUSED])
def test_refused_with_file_and_line(check, line, word):
    status, words = check("# one\n" + line + "\n" + GOOD)
    assert status != 0
    if line.startswith("ItemsEndpoint ") and "unsafe" not in word:
        # Judged when the whole configuration is known, by its own line all the same.
        assert re.search(r"ItemsEndpoint on \S*httpd\.conf:101\b", words), words
    else:
        assert re.search(r"on line 101 of \S*httpd\.conf", words), words
    assert line.split()[0] in words and word in words, words


NOT_TOGETHER = [
    ("ItemsTable items\nItemsPublic On\n", "region"),
    ("ItemsTable items\nItemsRegion eu-central-1\n", "ItemsIssuer"),
    ("ItemsTable items\nItemsRegion eu-central-1\nItemsIssuer https://a.example\n", "ItemsClientId"),
    (GOOD + "ItemsScope GET a\n", "ItemsScope"),
    ("ItemsTable items\nItemsRegion eu-central-1\nItemsIssuer none\nItemsScope GET a\n",
     "needs ItemsScopeVariable"),
    (GOOD + "ItemsScopeVariable S\n", "ItemsScopeVariable needs ItemsIssuer none"),
    ("ItemsTable items\nItemsRegion eu-central-1\nItemsIssuer https://a.example\nItemsClientId a\n"
     "ItemsScope GET a\nItemsScopeVariable S\n", "ItemsScopeVariable needs"),
]


@pytest.mark.parametrize("directives, word", NOT_TOGETHER, ids=[n[1] for n in NOT_TOGETHER])
def test_what_does_not_go_together(check, directives, word):
    """Seen by `httpd -t` too, with the place of the ItemsTable that it is about."""
    for before, after in (("", ""), ("<VirtualHost *:1>\n", "</VirtualHost>\n")):
        status, words = check(before + directives + after)
        assert status != 0
        assert word.lower() in words.lower(), words
        assert re.search(r"httpd\.conf:10[01]\b", words), words


def test_an_inner_time_may_be_longer(check):
    """It is cut by what is left of the outer one."""
    assert check(GOOD + "ItemsTimeout 1s\nItemsAttemptTimeout 2s\nItemsConnectTimeout 3s\n")[0] == 0


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602])
def test_key_files_that_others_can_read(check, mode):
    status, words = check(GOOD + "ItemsPageKey file:a.key\n", files={"a.key": (b"k" * 32, mode)})
    assert status != 0 and "a.key" in words and "line 103" in words


@pytest.mark.parametrize("data", [b"", b"k" * 31, b"k" * 31 + b"\n", b"k" * 5000])
def test_key_files_of_the_wrong_size(check, data):
    status, words = check(GOOD + "ItemsPageKey file:a.key\n", files={"a.key": (data, 0o600)})
    assert status != 0 and "a.key" in words
    assert "kkk" not in words


@pytest.mark.parametrize("line, kind", [("ItemsCAFile {}", "PEM"), ("ItemsPageKey file:{}", "regular")])
def test_files_that_are_none(check, tmp_path, line, kind):
    """A pipe that nobody writes to is refused, not waited for."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("pipe", "docs", "/dev/null"):
        status, words = check(GOOD + line.format(name) + "\n")
        assert status != 0 and "line 103" in words and kind in words, words


def test_a_ca_file_without_certificates(check):
    status, words = check(GOOD + "ItemsCAFile empty.pem\n", files={"empty.pem": (b"", 0o644)})
    assert status != 0 and re.search("ItemsCAFile: .*empty.pem", words), words


def test_the_virtual_host_at_fault_is_named(check):
    """The table's own place is another server's, which is right."""
    status, words = check(GOOD + "<VirtualHost *:1>\nItemsPublic Off\n</VirtualHost>\n")
    assert status != 0 and len(re.findall("ITEMS1101", words)) == 1
    assert re.search(r"httpd\.conf:100, in the virtual host on \S*httpd\.conf:103: nobody", words), words


def test_not_in_a_location(check):
    status, words = check(GOOD + '<Location "/x">\nItemsTable other\n</Location>\n')
    assert status != 0 and "not allowed" in words


def test_region_and_endpoint_from_the_environment(check):
    bare = "ItemsTable items\nItemsPublic On\n"
    assert check(bare, env={"AWS_REGION": "eu-central-1"})[0] == 0
    assert check(bare, env={"AWS_DEFAULT_REGION": "eu-central-1"})[0] == 0
    assert check(bare, env={"AWS_REGION": "  "})[0] != 0
    status, words = check(GOOD, env={"AWS_ENDPOINT_URL_DYNAMODB": "http://dynamodb.example"})
    assert status != 0 and "AWS_ENDPOINT_URL_DYNAMODB" in words
    assert check(GOOD, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:8000"})[0] == 0


def test_two_hosts_two_tables(world, client, at):
    put(world, "items", id="both", name="in items")
    put(world, "other", id="both", name="in other")
    assert client("GET", "/items/both").json["data"]["name"] == "in items"
    other = at("other")
    assert other("GET", "/v1/things/both").json["data"]["name"] == "in other"
    assert other("GET", "/items/both").status in (403, 404)
    assert client("GET", "/v1/things/both").status in (403, 404)
    other("DELETE", "/v1/things/both")
    assert client("GET", "/items/both").status == 200


@pytest.fixture
def small_server(folder, emulator, request):
    """small_server(directives, env): a server of its own, to look at its start."""
    started = []

    def start(directives, env):
        place = os.path.join(folder, f"small{len(os.listdir(folder))}")
        os.mkdir(place, 0o755)
        port = process.free_port()
        server = httpd.Httpd(
            place,
            httpd.server_config(module=MODULE, log_level="notice")
            + f"Listen 127.0.0.1:{port}\n{directives}",
            {**SANITIZER, **env},
        )
        started.append(server)
        server.start(port)
        return server, port

    yield start
    for server in started:
        assert server.stop() == 0


def test_no_credentials(small_server, emulator):
    """Said once at the start, and each request gets a 503."""
    server, port = small_server(
        GOOD + f"ItemsEndpoint http://127.0.0.1:{emulator.plain_port}\n", {}
    )
    reply = Client(port)("GET", "/items/x")
    assert reply.status == 503 and reply.header("Retry-After")
    assert "ITEMS1103" in server.log()


def test_a_start_tells_of_random_keys_and_open_doors(small_server):
    server, _ = small_server(GOOD, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"})
    assert server.log().count("ITEMS1104") == 1
    assert server.log().count("ITEMS1105") == 1


CLOSED = GOOD.replace("Public On", "Issuer none")
HOST = "<VirtualHost {}:{port}>\n" + CLOSED + "{}</VirtualHost>\n"
IN_CLEAR = [  # what is listened on besides 127.0.0.1, the directives, how many warnings
    ("0.0.0.0", CLOSED, 1),
    ("0.0.0.0", GOOD, 0),  # public: nothing that travels is secret
    ("0.0.0.0", HOST.format("*", "", port="PORT"), 1),
    ("0.0.0.0", HOST.format("*", "", port="*"), 1),
    ("0.0.0.0", HOST.format("127.0.0.1", "", port="PORT"), 0),
    ("0.0.0.0", HOST.format("192.0.2.1", "", port="PORT"), 1),
    ("0.0.0.0", HOST.format("*", "", port="1"), 0),  # nobody gets there
    ("0.0.0.0", HOST.format("*", "TLS", port="PORT"), 0),
    ("0.0.0.0", "<IfModule ssl_module>\n" + HOST.format("*", "TLS", port="PORT") + "</IfModule>\n", 0),
    ("0.0.0.0", HOST.format("*", "<IfModule ssl_module>\nTLS</IfModule>\n", port="PORT"), 0),
    ("0.0.0.0", HOST.format("*", "ServerName a.test\n", port="PORT")
     + HOST.format("*", "ServerName b.test\n", port="PORT"), 2),
    # What virtual hosts inherit does not count where nobody can come in.
    ("0.0.0.0", CLOSED + "<VirtualHost *:PORT>\nTLS</VirtualHost>\n", 0),
    ("127.0.0.2", CLOSED + HOST.format("*", "", port="PORT"), 0),
    ("[::1]", CLOSED, 0),
    ("[::]", CLOSED, 1),
]


@pytest.mark.parametrize("address, directives, count", IN_CLEAR, ids=range(len(IN_CLEAR)))
def test_a_start_tells_of_tokens_in_clear(small_server, emulator, address, directives, count):
    crt, key = emulator.authority.issue("clear")
    second = process.free_port()
    tls = f"SSLEngine on\nSSLCertificateFile {crt}\nSSLCertificateKeyFile {key}\n"
    text = directives.replace("PORT", str(second)).replace("TLS", tls)
    server, _ = small_server(
        httpd.loads(["ssl"]) + f"Listen {address}:{second}\n{text}",
        {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
    )
    lines = [line for line in server.log().splitlines() if "ITEMS1106" in line]
    assert len(lines) == count and all("[items:warn]" in line for line in lines)


def test_session_tokens_are_sent_and_signed(small_server, emulator):
    """Temporary credentials: the token is in the signature."""
    strict = Strict(emulator.plain_port, ("ASIAEXAMPLE", "secret"), token="the-token", region="eu-central-1")
    server, port = small_server(
        GOOD + f"ItemsEndpoint {strict.url}\n",
        {
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "the-token",
        },
    )
    assert Client(port)("GET", "/items/x").status == 503  # the emulator knows no such key
    assert strict.violations == [] and strict.operations() == ["GetItem"]
    strict.close()
    assert "UnrecognizedClientException" in server.log() and "the-token" not in server.log()


def test_proxy_and_key_log_variables_are_ignored(small_server, emulator, keys, tmp_path):
    strict = Strict(emulator.plain_port, keys, tls=emulator.authority.issue("envtest"))
    key_log = tmp_path / "keys"
    tmp_path.chmod(0o777)
    server, port = small_server(
        GOOD.replace("eu-central-1", "us-east-1")
        + f"ItemsEndpoint {strict.url}\nItemsCAFile {emulator.authority.file}\n"
        # on a busy machine a second attempt would be right
        "ItemsTimeout 20s\nItemsConnectTimeout 10s\nItemsAttemptTimeout 10s\n",
        {
            "AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1],
            "SSLKEYLOGFILE": str(key_log), "SSL_CERT_FILE": "/nonexistent",
            "CURL_CA_BUNDLE": "/nonexistent", "https_proxy": "http://127.0.0.1:1",
            "HTTPS_PROXY": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
        },
    )
    assert Client(port)("GET", "/items/x").status == 404
    # libcurl makes the file when it starts; no key of ours may get into it.
    assert not key_log.exists() or key_log.read_bytes() == b""
    assert strict.violations == [] and strict.operations() == ["GetItem"]
    strict.close()
