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
        self.hits = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        pool = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                pool.hits += 1
                body = json.dumps(pool.key_set()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_port}/jwks.json"

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

    def close(self):
        self.server.shutdown()
        self.server.server_close()

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
