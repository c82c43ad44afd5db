# SPDX-License-Identifier: Apache-2.0
"""A user pool of the tests' own: fresh keys, any token, and a key set over https that is counted."""

import base64
import hashlib
import hmac
import http.server
import json
import ssl
import threading
import time

import process

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

DROP = object()  # the value of a member that is to be absent


def encode(data):
    """base64url of bytes, or of a value as JSON."""
    if not isinstance(data, bytes):
        data = json.dumps(data, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def number(value, size=None):
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def without(members):
    return {name: value for name, value in members.items() if value is not DROP}


class Pool:
    ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Tests"
    CLIENT = "client-one"

    def __init__(self, tls):
        """tls: certificate and key of the server of the key set."""
        self.keys = {"k/1+A=": rsa.generate_private_key(65537, 2048),
                     "k2": rsa.generate_private_key(65537, 2048),
                     "e1": ec.generate_private_key(ec.SECP256R1())}
        self.kid = "k/1+A="
        self.times = []  # of the fetches
        self.agents = []
        self.fault = None  # fault(handler) instead of the key set
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*tls)
        self.port = process.free_port()
        self.url = f"https://127.0.0.1:{self.port}/jwks.json"
        self.server = None
        self.up()

    @property
    def hits(self):
        return len(self.times)

    @property
    def asked(self):
        """How often whoever verifies has fetched: mod_items looks whenever its set has become old."""
        return len(self.agents) - self.agents.count("mod_items")

    def up(self):
        pool = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                pool.times.append(time.monotonic())
                agent = self.headers.get("User-Agent")
                # later versions say more: "[host:port:pid] mod_auth_openidc-2.4.20.3 libcurl-…"
                pool.agents.append("mod_auth_openidc" if "mod_auth_openidc" in agent else agent)
                if pool.fault:
                    pool.fault(self)
                else:
                    self.answer(json.dumps(pool.key_set()).encode())

            def answer(self, body, status=200, **headers):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # whoever asked did not wait for the answer

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.server.socket = self.context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def key_set(self):
        keys = []
        for kid, key in self.keys.items():
            public = key.public_key().public_numbers()
            if isinstance(key, rsa.RSAPrivateKey):
                keys.append({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid,
                             "n": number(public.n), "e": number(public.e)})
            else:
                keys.append({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid,
                             "x": number(public.x, 32), "y": number(public.y, 32)})
        return {"keys": keys}

    def down(self):
        """Nobody listens any more."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
        self.server = None

    def close(self):
        self.down()

    def identity(self, more=""):
        """The directives of a virtual host for this pool."""
        return (
            f"ItemsIssuer {self.ISSUER}\nItemsClientId {self.CLIENT} client-two\n"
            f"OIDCOAuthVerifyJwksUri {self.url}\n{more}"
        )

    def header(self, **more):
        return without({"alg": "RS256", "kid": self.kid, **more})

    def claims(self, **more):
        now = int(time.time())
        return without({
            "sub": "user-1", "iss": self.ISSUER, "client_id": self.CLIENT, "token_use": "access",
            "iat": now, "exp": now + 3600, "scope": "items/read items/write", **more,
        })

    def sign(self, header=None, claims=None, key=None, how=None):
        """A token. header and claims: members, or bytes as they are."""
        header = self.header() if header is None else header
        claims = self.claims() if claims is None else claims
        text = encode(header) + "." + encode(claims)
        return text + "." + encode((how or rs256)(key or self.keys[self.kid], text.encode()))

    def token(self, **claims):
        return self.sign(claims=self.claims(**claims))


def rs256(key, data):
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def rs384(key, data):
    return key.sign(data, padding.PKCS1v15(), hashes.SHA384())


def rs512(key, data):
    return key.sign(data, padding.PKCS1v15(), hashes.SHA512())


def ps256(key, data):
    return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def es256(key, data):
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def hs(secret, digest=hashlib.sha256):
    """HMAC with that secret, whatever the key."""
    return lambda _key, data: hmac.new(secret, data, digest).digest()


def nothing(_key, _data):
    return b""
