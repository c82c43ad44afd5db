# SPDX-License-Identifier: Apache-2.0
"""Browsers' sessions beside tokens: virtual hosts whose /app logs people in at an OpenID provider
(mod_auth_openidc as relying party), and a provider that leaves in a session whatever access token it is told."""

import base64
import dataclasses
import http.server
import json
import os
import secrets
import ssl
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

import httpd
import pools
import process
from client import Client
from cryptography.hazmat.primitives.asymmetric import rsa
from world import World

USER = "browser"  # as the provider knows them; tokens have another subject
CLIENT = "app"
SECRET = "app-secret"


class Provider:
    """Authorization code flow over https (OpenID Connect Core 1.0 section 3.1)."""

    def __init__(self, tls):
        """tls: certificate and key."""
        self.key = rsa.generate_private_key(65537, 2048)
        self.access_token = None  # of the next session
        self.asked = {}  # code -> nonce
        port = process.free_port()
        self.url = f"https://127.0.0.1:{port}"
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(provider.key_set())

            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                assert self.headers["Authorization"] == "Basic " + base64.b64encode(
                    f"{CLIENT}:{SECRET}".encode()).decode()
                self.answer(provider.tokens(form["code"][0]))

            def answer(self, value):
                body = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def directives(self):
        return (
            f"OIDCProviderIssuer {self.url}\nOIDCProviderAuthorizationEndpoint {self.url}/authorize\n"
            f"OIDCProviderTokenEndpoint {self.url}/token\nOIDCProviderJwksUri {self.url}/keys\n"
            "OIDCProviderTokenEndpointAuth client_secret_basic\n"
            f"OIDCClientID {CLIENT}\nOIDCClientSecret {SECRET}\nOIDCScope openid\n"
            "OIDCRedirectURI /app/callback\nOIDCCryptoPassphrase passphrase\n"
            "OIDCRemoteUserClaim sub\n"
        )

    def key_set(self):
        public = self.key.public_key().public_numbers()
        return {"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "p1",
                          "n": pools.number(public.n), "e": pools.number(public.e)}]}

    def agree(self, location):
        """The person at the browser has been sent here, and says yes: where they are sent to."""
        target, query = location.split("?", 1)
        asked = parse_qs(query)
        assert target == self.url + "/authorize" and asked["client_id"] == [CLIENT]
        code = secrets.token_hex(8)
        self.asked[code] = asked["nonce"][0]
        return urlsplit(asked["redirect_uri"][0]).path + "?" + urlencode(
            {"code": code, "state": asked["state"][0]})

    def tokens(self, code):
        now = int(time.time())
        claims = {"iss": self.url, "sub": USER, "aud": CLIENT, "iat": now, "exp": now + 600,
                  "nonce": self.asked.pop(code)}
        text = pools.encode({"alg": "RS256", "kid": "p1"}) + "." + pools.encode(claims)
        return {"id_token": text + "." + pools.encode(pools.rs256(self.key, text.encode())),
                "access_token": self.access_token, "token_type": "Bearer", "expires_in": 600}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@dataclasses.dataclass
class Place:
    """<Location "/items"> of a virtual host. takes: where mod_auth_openidc looks for a token."""

    auth_type: str = "auth-openidc"
    takes: str = "header"
    lacking: str = "auth"  # what it does without a session
    more: str = ""
    directives: str = ""
    issuer: bool = True
    require: str = "valid-user"

    def text(self):
        return (
            f'<Location "/items">\nAuthType {self.auth_type}\nAuthName items\n'
            f"OIDCOAuthAcceptTokenAs {self.takes}\nOIDCUnAuthAction {self.lacking}\n"
            "OIDCPassClaimsAs environment\n"
            'Header always set X-User "expr=%{REMOTE_USER}"\n'
            f"{self.more}Require {self.require}\n</Location>\n"
        )


MEMORY = "ItemsTokenMemory 60s\n"
LACKING = ("auth", "pass", "401", "407", "410")

# In mixed mode: where a token is looked for in the header, and elsewhere, so that the one there, which was
# judged, is none that mod_auth_openidc has seen, and the session is what it goes by.
HEADER = {
    **{f"header{how}": Place(lacking=how) for how in LACKING},
    "headermemory": Place(directives=MEMORY),
    "headeronly": Place(require=f"user {USER}"),
}
ELSEWHERE = {
    **{f"query{how}": Place(takes="query", lacking=how) for how in LACKING},
    "cookie": Place(takes="cookie:token"),
    "post": Place(takes="post"),
    "both": Place(takes="query", more="OIDCPassClaimsAs both\n"),
    "memory": Place(takes="query", directives=MEMORY),
}
# By a session alone, which is nobody where tokens are asked for.
ALONE = {
    **{f"session{how}": Place("openid-connect", lacking=how) for how in LACKING},
    "sessionmemory": Place("openid-connect", directives=MEMORY),
}
TOKENS = {**HEADER, **ELSEWHERE, **ALONE}
AMBIENT = {
    "ambient": Place("openid-connect", issuer=False),
    "ambient401": Place("openid-connect", lacking="401", issuer=False),
    "ambientmixed": Place("auth-openidc", issuer=False),
}

APP = (
    '<Location "/app">\nAuthType openid-connect\nRequire valid-user\n'
    'Header set X-User "expr=%{REMOTE_USER}"\nHeader set X-Token "%{OIDC_access_token}e"\n</Location>\n'
    "<Directory docs>\nOptions +IncludesNoExec\nSetOutputFilter INCLUDES\n"
    "RewriteEngine On\nRewriteRule ^app/old/(.*)$ /items/$1 [END]\n</Directory>\n"
)


class Sessions(World):
    MODULES = (*World.MODULES, "rewrite", "include")

    def _describe(self):
        authority = self.emulator.authority
        self.pool = pools.Pool(authority.issue("keyset"))
        self.provider = Provider(authority.issue("provider"))
        url = self.backend("items").url
        os.makedirs(os.path.join(self.folder, "docs", "app"))
        for name, text in (("page.html", "hello"), ("page.shtml", '<!--#include virtual="/items/known" -->')):
            with open(os.path.join(self.folder, "docs", "app", name), "w", encoding="ascii") as out:
                out.write(text)
        for name, place in {**TOKENS, **AMBIENT}.items():
            self.host(
                name, url, directives=self.provider.directives() + place.directives + APP,
                identity=self.pool.identity() if place.issuer else "ItemsIssuer none\n",
                location=place.text(),
            )

    def log_in(self, name, access_token):
        """The cookies of a new session of that virtual host, which holds this token."""
        self.provider.access_token = access_token
        call = Client(self.port, host=name + ".test")
        sent = call("GET", "/app/page.html", headers={"Accept": "text/html"})
        assert sent.status == 302, sent
        back = call("GET", self.provider.agree(sent.header("Location")),
                    headers={"Cookie": cookies(sent)})
        assert back.status == 302 and urlsplit(back.header("Location")).path == "/app/page.html", back
        call.close()
        return {"Cookie": cookies(back)}

    def stop(self):
        self.provider.close()
        return super().stop()


def cookies(reply):
    """What a browser makes of Set-Cookie: those that were not taken away."""
    pairs = [value.split(";")[0] for name, value in reply.headers if name.lower() == "set-cookie"]
    return "; ".join(pair for pair in pairs if not pair.endswith("="))
