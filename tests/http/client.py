# SPDX-License-Identifier: Apache-2.0
"""How the tests speak HTTP: kept connections, raw sockets, and curl for HTTP/2."""

import dataclasses
import http.client
import json
import re
import socket
import subprocess
import time
import weakref

JSON = {"Content-Type": "application/json"}


@dataclasses.dataclass
class Reply:
    status: int
    headers: list
    body: bytes
    seconds: float = 0.0

    def header(self, name):
        """The one value of a header, None without it; standing twice is a failure."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) <= 1, f"{name} stands {len(found)} times: {found}"
        return found[0] if found else None

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One kept connection to httpd. token None: no Authorization."""

    made = weakref.WeakSet()

    @classmethod
    def close_all(cls, port):
        """Of this server: a test's own may live on until the garbage is collected."""
        for client in list(cls.made):
            if client.port == port:
                client.close()

    def __init__(self, port, host="items.test", token=None, timeout=30):
        self.made.add(self)
        self.port = port
        self.host = host
        self.token = token
        self.timeout = timeout
        self.connection = None

    def __call__(self, method, path, body=None, headers=None, token=Ellipsis):
        token = self.token if token is Ellipsis else token
        fields = {"Host": self.host, **(headers or {})}
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False)
            fields.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if body is not None or method in ("POST", "PUT", "PATCH"):
            fields.setdefault("Content-Length", str(len(body or b"")))
        begin = time.monotonic()
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    "127.0.0.1", self.port, timeout=self.timeout
                )
            try:
                self.connection.putrequest(
                    method, path, skip_host=True, skip_accept_encoding=True
                )
                for name, value in fields.items():
                    self.connection.putheader(name, value)
                self.connection.endheaders(body or None)
                response = self.connection.getresponse()
                data = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # httpd may have closed a kept connection; nothing was answered on it.
                self.close()
                if attempt == 2:
                    raise
        if response.will_close:
            self.close()
        return Reply(response.status, response.getheaders(), data, time.monotonic() - begin)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def create(self, name="Tea", **more):
        reply = self("POST", "/items", {"name": name, **more})
        assert reply.status == 201, reply
        return reply.json["data"]


def exchange(port, data, timeout=10, head=False, count=1):
    """Send these bytes, read until `count` answers are there, the server closes, or nothing comes for
    a while; all bytes. head: the answers have no bodies."""
    with socket.create_connection(("127.0.0.1", port), timeout) as sock:
        sock.settimeout(timeout)
        try:
            sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # an early answer and a close: read it
        answer = b""
        try:
            while True:
                block = sock.recv(65536)
                if not block:
                    break
                answer += block
                if b"\r\nconnection: close" not in answer.lower():
                    if len(parse(answer, head)) >= count:
                        break
        except (TimeoutError, ConnectionResetError):
            pass
        return answer


def parse(data, head=False):
    """The whole replies in these bytes."""
    replies = []
    while data:
        if not data.startswith(b"HTTP/1."):  # HTTP/0.9: a body alone
            replies.append(Reply(0, [], data))
            break
        before, empty, rest = data.partition(b"\r\n\r\n")
        if not empty:
            break
        line, *fields = before.decode("latin-1").split("\r\n")
        headers = [tuple(field.split(": ", 1)) for field in fields]
        reply = Reply(int(line.split()[1]), headers, b"")
        length = reply.header("Content-Length")
        if reply.status < 200 or reply.status in (204, 304) or head:
            data = rest
        elif length is not None:
            if len(rest) < int(length):
                break
            reply.body, data = rest[:int(length)], rest[int(length):]
        elif reply.header("Transfer-Encoding") == "chunked":
            whole, data = unchunk(rest)
            if whole is None:
                break
            reply.body = whole
        else:
            reply.body, data = rest, b""
        if reply.status >= 200:
            replies.append(reply)
    return replies


def unchunk(data):
    body = b""
    while True:
        line, end, data = data.partition(b"\r\n")
        if not end or not re.fullmatch(rb"[0-9a-fA-F]+", line):
            return None, b""
        size = int(line, 16)
        if len(data) < size + 2:
            return None, b""
        body, data = body + data[:size], data[size + 2:]
        if size == 0:
            return body, data


def request_bytes(method, target, headers=(), body=b"", host="items.test", token=None,
                  version="HTTP/1.1"):
    """A request as it is, nothing judged or escaped."""
    lines = [b" ".join(
        part if isinstance(part, bytes) else part.encode("latin-1")
        for part in (method, target, version)
    )]
    if host is not None:
        lines.append(b"Host: " + host.encode())
    if token is not None:
        lines.append(b"Authorization: Bearer " + token.encode())
    for header in headers:
        lines.append(header if isinstance(header, bytes) else header.encode("latin-1"))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def raw(port, *arguments, **more):
    """One request as it is; its one reply."""
    head = arguments[0] == "HEAD"
    replies = parse(exchange(port, request_bytes(*arguments, **more), head=head), head=head)
    assert len(replies) == 1, replies
    return replies[0]


def curl(*arguments):
    """curl's view; --http2-prior-knowledge and the like. Headers and body."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--include", "--max-time", "20", "--noproxy", "*",
         *arguments],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 1"):
        head, _, body = body.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = [tuple(field.split(": ", 1)) for field in fields]
    return line.split()[0], Reply(int(line.split()[1]), headers, body)
