# SPDX-License-Identifier: Apache-2.0
"""What a backend can do wrong, as things that strict.Strict plays.

Each function makes a fault for one request: called with the connection and a
function that carries the request out at the emulator, it answers whether the
connection is still good. Those of the second part are for a new connection.
"""

import json
import time
import zlib

from strict import Answer

STALL_SECONDS = 8  # far beyond any deadline of the tests


def ok(connection, forward):
    """No fault: to leave a request alone within a script."""
    connection.send(forward().bytes())
    return True


def drop(connection, forward):
    """The request is read, never carried out; FIN."""
    return False


def reset(connection, forward):
    connection.reset()
    return False


def done_then_drop(connection, forward):
    """Carried out, the answer is lost."""
    forward()
    return False


def done_then_reset(connection, forward):
    forward()
    connection.reset()
    return False


def close_after(connection, forward):
    """Answered, then closed without a word: met by whoever uses the kept connection next."""
    connection.send(forward().bytes())
    return False


def announce_close(connection, forward):
    answer = forward()
    answer.headers.append(("Connection", "close"))
    connection.send(answer.bytes())
    return False


def stall(connection, forward):
    connection.wait_gone(STALL_SECONDS)
    return False


def done_then_stall(connection, forward):
    forward()
    connection.wait_gone(STALL_SECONDS)
    return False


def stall_in_head(connection, forward):
    connection.send(forward().bytes()[:20])
    connection.wait_gone(STALL_SECONDS)
    return False


def stall_in_body(connection, forward):
    connection.send(forward().bytes()[:-3])
    connection.wait_gone(STALL_SECONDS)
    return False


def cut_in_head(connection, forward):
    connection.send(forward().bytes()[:20])
    return False


def cut_in_body(connection, forward):
    """A right Content-Length, three bytes less, FIN."""
    connection.send(forward().bytes()[:-3])
    return False


def reset_in_body(connection, forward):
    connection.send(forward().bytes()[:-3])
    time.sleep(0.02)
    connection.reset()
    return False


def drip(connection, forward):
    """A byte each 50 ms: never silent, never done."""
    for byte in forward().bytes():
        connection.send(bytes([byte]))
        time.sleep(0.05)
    return False


def slow(seconds):
    """Right, but late."""

    def fault(connection, forward):
        time.sleep(seconds)
        connection.send(forward().bytes())
        return True

    return fault


def shortened(connection, forward):
    """Three bytes less with a Content-Length that fits: only JSON or the crc32 can tell."""
    answer = forward()
    answer.body = answer.body[:-3]
    connection.send(answer.bytes())
    return True


def wrong_crc(connection, forward):
    answer = forward()
    answer.headers = [h for h in answer.headers if h[0].lower() != "x-amz-crc32"]
    answer.headers.append(("x-amz-crc32", str(zlib.crc32(answer.body) ^ 1)))
    connection.send(answer.bytes())
    return True


def changed_body(connection, forward):
    """Another valid JSON text than the crc32 was made of."""
    answer = forward()
    if answer.header("x-amz-crc32") is None:
        answer.headers.append(("x-amz-crc32", str(zlib.crc32(answer.body))))
    answer.body = answer.body.replace(b"a", b"b")
    connection.send(answer.bytes())
    return True


def raw(data, keep=False):
    """These bytes, whatever was asked."""

    def fault(connection, forward):
        connection.send(data)
        return keep

    return fault


def body(text, status=200, content_type="application/x-amz-json-1.0", crc=True):
    """A well-framed answer with this body."""
    data = text.encode() if isinstance(text, str) else text
    headers = [("Content-Type", content_type), ("x-amzn-RequestId", "TEST" + "0" * 48)]
    if crc:
        headers.append(("x-amz-crc32", str(zlib.crc32(data))))
    return raw(Answer(status, headers, data).bytes(), keep=True)


def error(name, status=400, prefix="com.amazonaws.dynamodb.v20120810#", message="SECRET-DETAIL"):
    """An exception of DynamoDB's."""
    return body(json.dumps({"__type": prefix + name, "message": message}), status)


def redirect(location):
    return raw(
        (
            f"HTTP/1.1 301 Moved Permanently\r\nLocation: {location}\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode(),
        keep=True,
    )


def html(connection, forward):
    return body("<html>It works!</html>", content_type="text/html", crc=False)(connection, forward)


def huge(megabytes=64):
    """More than any answer of DynamoDB's, announced."""

    def fault(connection, forward):
        size = megabytes << 20
        connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        block = b" " * 65536
        for _ in range(size // len(block)):
            connection.send(block)
        return False

    return fault


def endless_chunks(connection, forward):
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for _ in range(1024):
        connection.send(block)
    return False


def chunked(connection, forward):
    """No fault: the right answer, framed the other way, in many pieces."""
    answer = forward()
    head = Answer(answer.status, answer.headers, b"").bytes()
    head = head.replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    pieces = b"".join(
        b"%x\r\n%s\r\n" % (len(answer.body[i:i + 7]), answer.body[i:i + 7])
        for i in range(0, len(answer.body), 7)
    )
    connection.send(head + pieces + b"0\r\n\r\n")
    return True


def continue_first(connection, forward):
    """No fault: a 100 before the answer."""
    connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" + forward().bytes())
    return True


def continue_storm(connection, forward):
    for _ in range(100000):
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 64)
    return False


def endless_head(connection, forward):
    connection.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(100000):
        connection.send(b"X-Filler-%d: %s\r\n" % (number, b"x" * 4000))
    return False


def extra_bytes(connection, forward):
    """The right answer and a whole second one, which nobody asked for."""
    stranger = b'{"Item":{"id":{"S":"stranger"},"name":{"S":"stranger"}}}'
    head = [("Content-Type", "application/x-amz-json-1.0")]
    connection.send(forward().bytes() + Answer(200, head, stranger).bytes())
    return True


def other_item(connection, forward):
    """Somebody else's item."""
    text = '{"Item":{"id":{"S":"another"},"name":{"S":"x"}}}'
    return body(text)(connection, forward)


def displaced(connection, forward):
    """Somebody else's answer, and a moment later its own."""
    other_item(connection, forward)
    time.sleep(0.1)
    connection.send(forward().bytes())
    return True


# For a new connection.


def close_at_accept(connection):
    return


def reset_at_accept(connection):
    connection.reset()


def silent_at_accept(connection):
    """Accepts and never says a word: a TLS handshake that hangs, a request unread."""
    time.sleep(STALL_SECONDS)


def babble_at_accept(connection):
    connection.send(b"220 mail.example ESMTP\r\n")
    time.sleep(0.2)
