# SPDX-License-Identifier: Apache-2.0
"""Cross-origin callers: headers on every answer, preflights without token and call."""

import http.server
import os
import subprocess
import threading

import process
import pytest
from client import Client, raw
from tables import put

ORIGIN = {"Origin": "https://app.example"}


def preflight(method="PUT", fields="authorization,content-type"):
    return {
        **ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": fields,
    }


@pytest.mark.parametrize("path", ["/items", "/items/x", "/items/", "/items/x/y", "/items/%2F"])
@pytest.mark.parametrize("token", [None, "junk"])
def test_preflight(world, client, path, token):
    reply = client("OPTIONS", path, headers=preflight(), token=token)
    assert reply.status in (200, 204)
    assert reply.header("Access-Control-Allow-Origin") == "*"
    allowed = reply.header("Access-Control-Allow-Methods")
    assert {"GET", "POST", "PUT", "DELETE"} <= {word.strip() for word in allowed.split(",")}
    names = {word.strip().lower() for word in reply.header("Access-Control-Allow-Headers").split(",")}
    assert {"authorization", "content-type"} <= names
    assert reply.header("Access-Control-Allow-Credentials") is None
    assert int(reply.header("Access-Control-Max-Age")) > 0
    assert world.strict["items"].calls == []


@pytest.mark.parametrize("path", ["/items/a%2Fb", "/items/%00", "/items/%zz", "/items/../../x"])
@pytest.mark.parametrize("host", ["slashes.test", "items.test"])
def test_preflight_of_what_httpd_itself_refuses(world, host, path):
    """Or a page could not read the error that the request behind it gets."""
    lines = [f"{name}: {value}" for name, value in preflight("GET").items()]
    reply = raw(world.port, "OPTIONS", path, lines, host=host)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.header("Access-Control-Allow-Origin") == "*"
    assert "GET" in reply.header("Access-Control-Allow-Methods")
    assert reply.header("Content-Type") is None and reply.header("Content-Length") in (None, "0")
    asked = raw(world.port, "GET", path, ["Origin: https://app.example"], host=host)
    assert asked.status in (400, 401, 404)
    assert asked.header("Access-Control-Allow-Origin") == "*"
    assert world.strict["items"].calls == []


def test_bad_framing_is_no_preflight(world):
    lines = [f"{name}: {value}" for name, value in preflight().items()]
    assert raw(world.port, "OPTIONS", "/items", [*lines, "bad header: x"]).status == 400


def test_errors_carry_the_headers(world, client):
    answers = [
        client("GET", "/items/nobody", headers=ORIGIN),
        client("GET", "/items?limit=x", headers=ORIGIN),
        client("GET", "/items", headers=ORIGIN, token=None),
        client("GET", "/items", headers=ORIGIN, token="junk"),
        client("BREW", "/items", headers=ORIGIN),
        client("POST", "/items", b"x", headers={**ORIGIN, "Content-Type": "text/plain"}),
        raw(world.port, "GET", "/items/%zz", ["Origin: https://app.example"]),
        raw(world.port, "GET", "/items/a", ["Origin: https://app.example", "Expect: tea"]),
    ]
    assert [reply.status for reply in answers[:6]] == [404, 400, 401, 401, 405, 415]
    for reply in answers:
        assert reply.header("Access-Control-Allow-Origin") == "*", reply


def test_what_a_page_may_read(client):
    reply = client("POST", "/items", {"name": "a"}, headers=ORIGIN)
    exposed = reply.header("Access-Control-Expose-Headers").lower()
    for name in ("location", "x-request-id"):
        assert name in exposed


def test_never_a_reflected_origin(client):
    for origin in ("https://evil.example", "null", "x" * 5000, '"><script>'):
        reply = client("GET", "/items?limit=1", headers={"Origin": origin})
        assert reply.header("Access-Control-Allow-Origin") == "*"
        assert reply.header("Access-Control-Allow-Credentials") is None


def test_none(world, at):
    call = at("nocors")
    reply = call("GET", "/items?limit=1", headers=ORIGIN)
    assert reply.status == 200 and reply.header("Access-Control-Allow-Origin") is None
    reply = call("GET", "/items?limit=1", headers=ORIGIN, token=None)
    assert reply.status == 401 and reply.header("Access-Control-Allow-Origin") is None
    reply = call("OPTIONS", "/items", headers=preflight(), token=None)
    assert reply.header("Access-Control-Allow-Origin") is None
    assert reply.header("Access-Control-Allow-Methods") is None


def test_plain_options_says_what_is_allowed(world, client):
    for path, methods in (("/items", "GET HEAD POST OPTIONS"), ("/items/x", "GET HEAD PUT DELETE OPTIONS")):
        reply = client("OPTIONS", path)
        assert reply.status in (200, 204)
        assert set(reply.header("Allow").split(", ")) == set(methods.split())
    assert world.strict["items"].calls == []


PAGE = """<!doctype html><title>page</title><pre id="out">running</pre><script>
const say = [];
const call = async (path, options) => {
  try {
    const reply = await fetch("%(api)s" + path, options);
    say.push(reply.status + " " + (await reply.text()));
    return reply.headers.get("x-request-id");
  } catch (failure) { say.push("failed: " + failure); }
};
(async () => {
  const auth = {Authorization: "Bearer %(token)s", "Content-Type": "application/json"};
  await call("/items/page", {method: "PUT", headers: auth, body: JSON.stringify({name: "seen"})});
  await call("/items/nobody", {headers: auth});
  const id = await call("/items", {});
  say.push(id ? "id" : "no id");
  document.getElementById("out").textContent = say.join("\\n");
})();
</script>"""


def test_a_page_in_a_browser(world, tmp_path):
    """Chromium, from another origin: preflight, PUT, and errors that the page can read."""
    put(world, "items", id="page", name="n")
    # A page cannot choose its Host, so it calls the first virtual host, which is items.test.
    api = f"http://127.0.0.1:{world.port}"
    page = (PAGE % {"api": api, "token": world.token}).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        shown = subprocess.run(
            process.leashed([
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server",
                "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
                f"--user-data-dir={tmp_path}", "--virtual-time-budget=8000", "--dump-dom",
                f"http://localhost:{server.server_address[1]}/",
            ]),
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
            env={**os.environ, "HOME": str(tmp_path)},
        ).stdout
    finally:
        server.shutdown()
    lines = shown.partition('<pre id="out">')[2].partition("</pre>")[0].split("\n")
    assert lines[0].startswith('200 {"data":{"id":"page","name":"seen"'), shown
    assert lines[1].startswith("404 ") and "Item not found" in lines[1]
    assert lines[2].startswith("401 ") and lines[3] == "id"
    assert world.strict["items"].operations() == ["UpdateItem", "GetItem"]
    assert Client(world.port, token=world.token)("GET", "/items/page").status == 200
