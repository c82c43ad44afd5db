# SPDX-License-Identifier: Apache-2.0
"""DynamoDB's front door, strict: every call of every test goes through it.

It recomputes the signature with botocore, checks what no emulator checks (the
AWS General Reference, "Signing AWS API requests"; DynamoDB Developer Guide,
"DynamoDB low-level API"), counts, keeps the bodies, passes the very bytes on to
an emulator, and plays faults from a script (faults.py). A violation fails the
test that is running.
"""

import calendar
import collections
import dataclasses
import hashlib
import http.client
import itertools
import json
import re
import select
import socket
import ssl
import struct
import threading
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
MUST_BE_SIGNED = {"host", "x-amz-date", "content-type", "x-amz-target"}
# Proxies may change them (RFC 9110 section 7.6.1), so a signature over them breaks on the way.
NEVER_SIGNED = {"connection", "keep-alive", "te", "transfer-encoding", "upgrade", "expect"}
SKEW_SECONDS = 300


class Gone(Exception):
    """The peer has closed the connection."""


@dataclasses.dataclass
class Call:
    operation: str
    body: dict
    headers: dict
    connection: int
    when: float


def without_duplicates(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


class Connection:
    """One accepted connection: bytes in, bytes out."""

    def __init__(self, sock, number):
        self.sock = sock
        self.number = number
        self.buffer = b""

    def fill(self):
        try:
            data = self.sock.recv(65536)
        except (OSError, ValueError) as failure:
            raise Gone from failure
        if not data:
            raise Gone
        self.buffer += data

    def head(self):
        """The next request's head, without its empty line."""
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def take(self, length):
        while len(self.buffer) < length:
            self.fill()
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def idle(self):
        """Has the peer sent nothing beyond its request?"""
        if self.buffer:
            return False
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return False
        return True

    def send(self, data):
        try:
            self.sock.sendall(data)
        except (OSError, ValueError) as failure:
            raise Gone from failure

    def wait_gone(self, seconds):
        """Wait until the peer closes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            readable, _, _ = select.select([self.sock], [], [], 0.05)
            if readable:
                self.fill()

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass

    def reset(self):
        """RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Upstream:
    """The emulator behind one connection."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def forward(self, headers, body):
        """The emulator's answer as bytes: head and body as DynamoDB frames them."""
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self.connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
                for name, value in headers:
                    if name.lower() not in ("connection", "content-length"):
                        self.connection.putheader(name, value)
                self.connection.putheader("Content-Length", str(len(body)))
                self.connection.endheaders(body)
                response = self.connection.getresponse()
                data = response.read()
                break
            except (http.client.HTTPException, OSError):
                self.connection.close()
                self.connection = None
                if attempt == 2:  # the first time it may be a kept connection, closed meanwhile
                    raise
        kept = [
            (name, value)
            for name, value in response.getheaders()
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive")
        ]
        return Answer(response.status, kept, data)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def bytes(self, length=None):
        reason = http.client.responses.get(self.status, "Status")
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {len(self.body) if length is None else length}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class Strict:
    """A server on 127.0.0.1 in front of the emulator at a plain port.

    tls: (certificate, key) files. tables: the names that may be called.
    """

    def __init__(self, upstream_port, keys, *, region="us-east-1", token=None, tls=None):
        self.upstream_port = upstream_port
        self.key_id, self.secret = keys
        self.token = token
        self.region = region
        self.lock = threading.Lock()
        self.clear()
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.context.load_cert_chain(*tls)
        self.open_connections = set()
        self.numbers = itertools.count(1)
        self.socket = None
        self.port = 0
        self.listen()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def clear(self):
        """Forget calls, counts and what is left of the script."""
        with self.lock:
            self.calls = []
            self.violations = []
            self.accepted = 0
            self.script = collections.deque()
            self.accept_script = collections.deque()

    def play(self, *faults):
        """The next requests meet these faults, one each."""
        with self.lock:
            self.script.extend(faults)

    def play_at_accept(self, *faults):
        """The next connections meet these faults, one each."""
        with self.lock:
            self.accept_script.extend(faults)

    def operations(self):
        with self.lock:
            return [call.operation for call in self.calls]

    def listen(self):
        """Accept connections, on the port of before if there was one."""
        self.socket = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def refuse(self):
        """Stop listening and hang up on everybody."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.hang_up()

    def hang_up(self):
        """Close every connection, as an idle server does."""
        with self.lock:
            connections = list(self.open_connections)
        for connection in connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def violation(self, words):
        with self.lock:
            self.violations.append(words)

    def _accept(self, listening):
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            with self.lock:
                self.accepted += 1
                fault = self.accept_script.popleft() if self.accept_script else None
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, next(self.numbers))
            threading.Thread(target=self._serve, args=(connection, fault), daemon=True).start()

    def _serve(self, connection, accept_fault):
        with self.lock:
            self.open_connections.add(connection)
        try:
            if accept_fault:
                accept_fault(connection)
                return
            if self.context:
                connection.sock.settimeout(10)
                connection.sock = self.context.wrap_socket(connection.sock, server_side=True)
                connection.sock.settimeout(None)
            upstream = Upstream(self.upstream_port)
            while self._exchange(connection, upstream):
                pass
        except (Gone, OSError):
            pass
        except Exception as failure:  # whatever it is, a test shall see it
            self.violation(f"the proxy itself failed: {failure!r}")
        finally:
            connection.close()
            with self.lock:
                self.open_connections.discard(connection)

    def _exchange(self, connection, upstream):
        """One request and its answer. Is the connection still good?"""
        head = connection.head().decode("latin-1")
        line, *rest = head.split("\r\n")
        headers = []
        for text in rest:
            name, colon, value = text.partition(":")
            if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                self.violation(f"no header: {text!r}")
            headers.append((name, value.strip(" \t")))
        one = {name.lower(): value for name, value in headers}
        length = one.get("content-length", "")
        if not re.fullmatch("[0-9]{1,9}", length):
            self.violation(f"Content-Length is {length!r}")
            return False
        body = connection.take(int(length))
        if not connection.idle():
            self.violation("bytes beyond the request")
        if line != "POST / HTTP/1.1":
            self.violation(f"request line {line!r}")
        self._judge(headers, one, body)
        operation = one.get("x-amz-target", "").rpartition(".")[2]
        call = Call(operation, self._parse(body), one, connection.number, time.monotonic())
        with self.lock:
            self.calls.append(call)
            fault = self.script.popleft() if self.script else None
        if fault:
            return fault(connection, lambda: upstream.forward(headers, body))
        connection.send(upstream.forward(headers, body).bytes())
        return True

    def _parse(self, body):
        try:
            parsed = json.loads(body.decode("utf-8"), object_pairs_hook=without_duplicates)
        except ValueError as failure:
            self.violation(f"body is not JSON: {failure}: {body[:200]!r}")
            return {}
        self._judge_placeholders(parsed)
        return parsed

    def _judge_placeholders(self, body):
        """Every placeholder is defined and used; no name stands in an expression as it is."""
        text = " ".join(v for k, v in body.items() if k.endswith("Expression"))
        used = set(re.findall(r"[#:][A-Za-z0-9_]+", text))
        defined = set(body.get("ExpressionAttributeNames", {}))
        defined |= set(body.get("ExpressionAttributeValues", {}))
        if used != defined:
            self.violation(f"placeholders used {sorted(used)}, defined {sorted(defined)}")

    def _judge(self, headers, one, body):
        names = [name.lower() for name, _ in headers]
        for name in set(names):
            if names.count(name) > 1:
                self.violation(f"{name} stands {names.count(name)} times")
        expected = {
            "host": f"127.0.0.1:{self.port}",
            "content-type": "application/x-amz-json-1.0",
        }
        for name, value in expected.items():
            if one.get(name) != value:
                self.violation(f"{name} is {one.get(name)!r}, not {value!r}")
        if not re.fullmatch(r"DynamoDB_20120810\.[A-Za-z]+", one.get("x-amz-target", "")):
            self.violation(f"X-Amz-Target is {one.get('x-amz-target')!r}")
        for name in ("transfer-encoding", "expect", "te", "upgrade"):
            if name in one:
                self.violation(f"sends {name}: {one[name]}")
        if one.get("x-amz-security-token") != self.token:
            self.violation("the session token is missing or another's")
        self._judge_signature(one, body)

    def _judge_signature(self, one, body):
        match = AUTHORIZATION.fullmatch(one.get("authorization", ""))
        if not match:
            self.violation(f"Authorization is {one.get('authorization')!r}")
            return
        key_id, day, region, service, signed, signature = match.groups()
        date = one.get("x-amz-date", "")
        try:
            when = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        except ValueError:
            self.violation(f"X-Amz-Date is {date!r}")
            return
        if abs(when - time.time()) > SKEW_SECONDS:
            self.violation(f"X-Amz-Date {date} is off the clock")
        scope = (key_id, day, region, service)
        if scope != (self.key_id, date[:8], self.region, "dynamodb"):
            self.violation(f"scope {scope}")
        names = signed.split(";")
        if names != sorted(set(names)):
            self.violation(f"SignedHeaders are not sorted, or repeat: {signed}")
        must = MUST_BE_SIGNED | {name for name in one if name.startswith("x-amz-")}
        if not must <= set(names):
            self.violation(f"not signed: {sorted(must - set(names))}")
        if NEVER_SIGNED & set(names) or not set(names) <= set(one):
            self.violation(f"signed, but may change or is not sent: {signed}")
        digest = one.get("x-amz-content-sha256")
        if digest is not None and digest != hashlib.sha256(body).hexdigest():
            self.violation("X-Amz-Content-Sha256 is not the body's")
        request = AWSRequest(
            "POST",
            f"http://{one.get('host')}/",
            headers={name: one.get(name, "") for name in names},
            data=body,
        )
        request.context["timestamp"] = date
        oracle = SigV4Auth(Credentials(key_id, self.secret), service, region)
        canonical = oracle.canonical_request(request)
        if oracle.signature(oracle.string_to_sign(request, canonical), request) != signature:
            self.violation(f"the signature is wrong for:\n{canonical}")

    def close(self):
        self.refuse()
