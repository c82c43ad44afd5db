# SPDX-License-Identifier: Apache-2.0
"""A backend that is dead, silent, slow, or babbles.

For each fault: the status, within ItemsTimeout + 0.5 s; how often DynamoDB was
asked; nothing of the backend's words in the answer; and the next request works.
"""

import threading
import time

import faults as f
import pytest
from client import Client
from tables import put, remove, stored
from world import SHORT_SECONDS, SLACK_SECONDS

BOUND = SHORT_SECONDS + SLACK_SECONDS
UNREACHABLE, TIMEOUT, THROTTLED, NONSENSE = "ITEMS1003", "ITEMS1004", "ITEMS1005", "ITEMS1006"
DENIED, INTERNAL, UNTRUSTED = "ITEMS1002", "ITEMS1001", "ITEMS1012"


@pytest.fixture
def faulty(world, at):
    """A client of the faulty host, with one kept connection to its backend, and the backend."""
    put(world, "items", id="f", name="before")
    call = at("faulty")
    assert call("GET", "/items/f").status == 200
    backend = world.strict["faulty"]
    backend.clear()
    yield call, backend
    backend.clear()
    assert call("GET", "/items/f").status == 200, "the next request does not work"


def check_failure(reply, statuses):
    assert reply.status in statuses, reply
    assert reply.seconds <= BOUND, reply.seconds
    assert reply.header("Content-Type") == "application/json"
    if reply.status in (503, 504):
        assert 1 <= int(reply.header("Retry-After")) <= 60
    text = reply.body.decode()
    for leak in ("127.0.0.1", "dynamodb", "arn:", "items/", "SECRET", "errno", "curl", "<html"):
        assert leak not in text.replace("/items/", ""), text


# A fault that is always there: what a GET is answered, and how often DynamoDB is asked.
ALWAYS = [
    ("drop", f.drop, {503}, 2),
    ("reset", f.reset, {503}, 2),
    ("done then drop", f.done_then_drop, {503}, 2),
    ("stall", f.stall, {503, 504}, 2),
    ("stall in head", f.stall_in_head, {503, 504}, 2),
    ("stall in body", f.stall_in_body, {503, 504}, 2),
    ("drip", f.drip, {503, 504}, 2),
    ("cut in head", f.cut_in_head, {502, 503}, 2),
    ("cut in body", f.cut_in_body, {502, 503}, 2),
    ("reset in body", f.reset_in_body, {502, 503}, 2),
    ("shortened", f.shortened, {502}, 2),
    ("wrong crc32", f.wrong_crc, {502}, 2),
    ("changed body", f.changed_body, {502}, 2),
    ("garbage", f.raw(b"\x00\x01\x02garbage\r\n\r\n"), {502}, 2),
    ("HTTP/0.9", f.raw(b'{"Item":{"id":{"S":"f"}}}'), {502}, 2),
    ("other protocol", f.raw(b"220 mail.example ESMTP\r\n"), {502}, 2),
    ("HTTP/2 preface", f.raw(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18), {502}, 2),
    ("html", f.html, {502}, 2),
    ("empty 200", f.body("", crc=False), {502}, 2),
    ("[]", f.body("[]"), {502}, 2),
    ("null", f.body("null"), {502}, 2),
    ("cut JSON", f.body('{"Item":{"id":{"S":"f"'), {502}, 2),
    ("text behind", f.body('{"Item":{"id":{"S":"f"}}}x'), {502}, 2),
    ("bad type", f.body('{"Item":{"id":{"S":5}}}'), {502}, 2),
    ("two types", f.body('{"Item":{"id":{"S":"f","N":"1"}}}'), {502}, 2),
    ("no id", f.body('{"Item":{"name":{"S":"x"}}}'), {502}, 2),
    ("another item", f.other_item, {502}, 2),
    ("exception in a 200", f.error("ResourceNotFoundException", 200), {502}, 2),
    ("number that is none", f.body('{"Item":{"id":{"S":"f"},"n":{"N":"1x"}}}'), {502}, 2),
    ("bad UTF-8", f.body(b'{"Item":{"id":{"S":"f"},"n":{"S":"\xff"}}}'), {502}, 2),
    ("deep", f.body('{"Item":{"id":{"S":"f"},"n":' + '{"L":[' * 500 + "]}" * 500 + "}}"), {502}, 2),
    ("huge", f.huge(), {502}, 2),
    ("endless chunks", f.endless_chunks, {502}, 2),
    ("endless head", f.endless_head, {502}, 2),
    ("1xx storm", f.continue_storm, {502}, 2),
    ("two lengths", f.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
     {502}, 2),
    ("length and chunks", f.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                                b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"), {502}, 2),
    ("negative length", f.raw(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}"), {502}, 2),
    ("bad chunk", f.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), {502}, 2),
    ("redirect", f.redirect("http://127.0.0.1:1/"), {502}, 1),
    ("500", f.error("InternalServerError", 500), {503}, 2),
    ("503", f.error("ServiceUnavailable", 503), {503}, 2),
    ("502 HTML", f.body("<html>", 502, "text/html"), {503}, 2),
    ("500 without body", f.body("", 500, crc=False), {503}, 2),
    ("throttled", f.error("ProvisionedThroughputExceededException"), {503}, 1),
    ("throttling", f.error("ThrottlingException"), {503}, 1),
    ("throttled bare", f.error("RequestLimitExceeded", prefix=""), {503}, 1),
    ("429", f.body('{"__type":"x#Odd"}', 429), {503}, None),
    ("denied", f.error("AccessDeniedException"), {500}, 1),
    ("unrecognized client", f.error("UnrecognizedClientException", prefix="com.amazon.coral.service#"),
     {500, 503}, 1),
    ("bad signature", f.error("InvalidSignatureException"), {500}, 1),
    ("expired token", f.error("ExpiredTokenException"), {500, 503}, 1),
    ("no table", f.error("ResourceNotFoundException"), {500}, 1),
    ("validation", f.error("ValidationException", message="One or more parameter values were "
                           "invalid: SECRET"), {500}, 1),
    ("unknown", f.error("NeverHeardOfException"), {500}, 1),
    ("400 without type", f.body("{}", 400), {500, 502}, None),
    ("400 HTML", f.html, {502}, 2),
]


@pytest.mark.parametrize("name, fault, statuses, attempts", ALWAYS, ids=[a[0] for a in ALWAYS])
def test_always(world, faulty, name, fault, statuses, attempts):
    call, backend = faulty
    backend.play(*[fault] * 4)
    reply = call("GET", "/items/f")
    check_failure(reply, statuses)
    if attempts is not None:
        assert len(backend.calls) == attempts
    assert len(backend.calls) <= 2
    world.expect("ITEMS100")


# A fault that is there once: a GET is answered as if nothing had been.
ONCE = [
    ("drop", f.drop), ("reset", f.reset), ("done then drop", f.done_then_drop),
    ("cut in head", f.cut_in_head), ("cut in body", f.cut_in_body),
    ("reset in body", f.reset_in_body), ("shortened", f.shortened), ("wrong crc32", f.wrong_crc),
    ("changed body", f.changed_body), ("garbage", f.raw(b"garbage\r\n\r\n")), ("html", f.html),
    ("empty 200", f.body("", crc=False)), ("stall", f.stall), ("stall in body", f.stall_in_body),
    ("500", f.error("InternalServerError", 500)), ("503", f.error("ServiceUnavailable", 503)),
]


@pytest.mark.parametrize("name, fault", ONCE, ids=[o[0] for o in ONCE])
def test_once(faulty, name, fault):
    call, backend = faulty
    backend.play(fault)
    reply = call("GET", "/items/f")
    assert (reply.status, reply.json["data"]["name"]) == (200, "before")
    assert reply.seconds <= BOUND
    assert backend.operations() == ["GetItem", "GetItem"]


# No fault at all, though it looks unusual.
HARMLESS = [
    ("chunked", f.chunked), ("100 first", f.continue_first), ("announced close", f.announce_close),
    ("close after", f.close_after), ("slow", f.slow(0.2)), ("extra bytes", f.extra_bytes),
]


@pytest.mark.parametrize("name, fault", HARMLESS, ids=[h[0] for h in HARMLESS])
def test_harmless(faulty, name, fault):
    call, backend = faulty
    for _ in range(3):
        backend.play(fault)
        reply = call("GET", "/items/f")
        assert (reply.status, reply.json["data"]) == (200, {"id": "f", "name": "before"})
    assert set(backend.operations()) == {"GetItem"}


def test_a_stranger_answer_reaches_nobody(world, faulty):
    """What was sent unasked is never taken for the next answer."""
    call, backend = faulty
    backend.play(f.extra_bytes)
    assert call("GET", "/items/f").json["data"]["id"] == "f"
    reply = call("GET", "/items/absent")
    assert (reply.status, reply.json["code"]) == (404, "item_not_found")


def test_an_answer_that_was_displaced_displaces_no_other(world, faulty):
    """A write that gets a stranger's answer has failed, and its own "{}" is nobody's "no such item"."""
    call, backend = faulty
    backend.play(f.displaced)
    check_failure(call("DELETE", "/items/none"), {502})
    reply = call("GET", "/items/f")
    assert (reply.status, reply.json["data"]["id"]) == (200, "f")
    world.expect(NONSENSE)


@pytest.mark.parametrize("fault, is_kept", [
    (f.wrong_crc, False), (f.html, False), (f.other_item, False), (f.body("{"), False),
    (f.body("<html>", 502, "text/html"), False), (f.redirect("http://127.0.0.1:1/"), False),
    (f.error("InternalServerError", 500), True), (f.error("ThrottlingException"), True),
])
def test_which_answers_let_a_connection_be_used_again(world, faulty, fault, is_kept):
    """What is damaged or not AWS's own ends it, though it is framed well; AWS's errors don't."""
    call, backend = faulty
    backend.play(fault)
    if call("DELETE", "/items/none").status != 200:
        world.expect("ITEMS100")
    assert call("GET", "/items/f").status == 200
    first, second = (c.connection for c in backend.calls)
    assert (first == second) == is_kept


def test_a_page_of_more_than_was_asked_for(world, faulty):
    call, backend = faulty
    item = '{"id":{"S":"%d"},"name":{"S":"n"}}'
    page = f.body('{"Items":[' + ",".join(item % n for n in range(3)) + "]}")
    backend.play(page)
    assert call("GET", "/items?limit=3").json["count"] == 3
    backend.play(page, page)
    check_failure(call("GET", "/items?limit=2"), {502})
    world.expect(NONSENSE)


def test_an_empty_object_is_no_item(faulty):
    call, backend = faulty
    backend.play(f.body("{}"))
    assert call("GET", "/items/f").status == 404
    assert backend.operations() == ["GetItem"]


# Writes: carried out or not, the answer is the truth, and they take effect once.
LOST = [
    ("drop", f.drop), ("reset", f.reset), ("done then drop", f.done_then_drop),
    ("done then reset", f.done_then_reset), ("done then stall", f.done_then_stall),
    ("cut in body", f.cut_in_body), ("wrong crc32", f.wrong_crc), ("html", f.html),
    ("500", f.error("InternalServerError", 500)), ("stall", f.stall),
]


@pytest.mark.parametrize("name, fault", LOST, ids=[x[0] for x in LOST])
def test_an_update_takes_effect_once(world, faulty, name, fault):
    call, backend = faulty
    put(world, "items", id="w", name="before", _items_rev={"N": "5"}, _items_w1="old")
    backend.play(fault)
    reply = call("PUT", "/items/w", {"name": "after"})
    attributes = stored(world, "items", "w")
    revision = int(attributes["_items_rev"]["N"])
    assert revision in (5, 6), "took effect twice"
    if reply.status == 200:
        assert revision == 6 and reply.json["data"]["name"] == "after"
    else:
        check_failure(reply, {502, 503, 504})
        world.expect("ITEMS100")


@pytest.mark.parametrize("name, fault", LOST, ids=[x[0] for x in LOST])
def test_a_create_takes_effect_once(world, faulty, name, fault):
    call, backend = faulty
    backend.play(fault)
    reply = call("POST", "/items", {"name": "created"})
    ids = {c.body["Item"]["id"]["S"] for c in backend.calls if c.operation == "PutItem"}
    assert len(ids) == 1
    if reply.status == 201:
        assert stored(world, "items", reply.json["data"]["id"])["_items_rev"] == {"N": "1"}
    else:
        check_failure(reply, {502, 503, 504})
        world.expect("ITEMS100")


@pytest.mark.parametrize("name, fault", LOST, ids=[x[0] for x in LOST])
def test_a_delete_is_never_half(world, faulty, name, fault):
    call, backend = faulty
    put(world, "items", id="w", name="before")
    backend.play(fault)
    reply = call("DELETE", "/items/w")
    if reply.status == 200:
        assert stored(world, "items", "w") is None
    else:
        check_failure(reply, {502, 503, 504})
        world.expect("ITEMS100")


def test_a_kept_connection_that_died_is_unseen(world, faulty):
    """The ordinary end of an idle connection, met by each verb."""
    call, backend = faulty
    for _ in range(2):
        backend.hang_up()
        assert call("GET", "/items/f").status == 200
        backend.hang_up()
        assert call("PUT", "/items/f", {"name": "n"}).status == 200
        backend.hang_up()
        assert call("POST", "/items", {"name": "n"}).status == 201
        backend.hang_up()
        assert call("DELETE", "/items/none").status == 200
        backend.hang_up()
        assert call("GET", "/items?limit=1").status == 200


def test_a_write_on_a_connection_that_dies_under_it(world, faulty):
    """Read by DynamoDB, carried out, then the kept connection is reset: sent again, recognised."""
    call, backend = faulty
    put(world, "items", id="w", name="before", _items_rev={"N": "5"})
    call("GET", "/items/f")  # so that one is kept
    backend.play(f.done_then_reset)
    reply = call("PUT", "/items/w", {"name": "after"})
    assert (reply.status, reply.json["data"]["name"]) == (200, "after")
    assert stored(world, "items", "w")["_items_rev"] == {"N": "6"}
    call("GET", "/items/f")
    backend.play(f.done_then_reset)
    reply = call("POST", "/items", {"name": "new"})
    assert reply.status == 201
    assert stored(world, "items", reply.json["data"]["id"])


def test_an_update_that_was_done_and_removed_is_not_denied(world, faulty):
    """Carried out, the answer lost, removed by somebody else, repeated: 404 would deny the write."""
    call, backend = faulty
    put(world, "items", id="w", name="before")

    def done_then_removed(connection, forward):
        assert forward().status == 200
        assert stored(world, "items", "w")["name"] == {"S": "after"}
        remove(world, "items", "w")
        connection.reset()
        return False

    backend.play(done_then_removed)
    check_failure(call("PUT", "/items/w", {"name": "after"}), {503})
    assert backend.operations() == ["UpdateItem", "UpdateItem", "GetItem"]
    assert call("PUT", "/items/w", {"name": "after"}).status == 404
    world.expect(UNREACHABLE)


def test_refused_and_back(world, faulty):
    call, backend = faulty
    backend.refuse()
    try:
        for _ in range(3):
            check_failure(call("GET", "/items/f"), {503})
            check_failure(call("POST", "/items", {"name": "n"}), {503})
    finally:
        backend.listen()
    assert call("GET", "/items/f").status == 200
    world.expect(UNREACHABLE)


ACCEPT = [
    ("close", f.close_at_accept, {503}), ("reset", f.reset_at_accept, {503}),
    ("silent", f.silent_at_accept, {503, 504}), ("babble", f.babble_at_accept, {502, 503}),
]


@pytest.mark.parametrize("name, fault, statuses", ACCEPT, ids=[a[0] for a in ACCEPT])
@pytest.mark.parametrize("host", ["faulty", "faultytls"])
def test_at_accept(world, at, name, fault, statuses, host):
    put(world, "items", id="f", name="before")
    call, backend = at(host), world.strict[host]
    backend.hang_up()
    backend.play_at_accept(*[fault] * 6)
    check_failure(call("GET", "/items/f"), statuses)
    backend.clear()
    assert call("GET", "/items/f").status == 200
    world.expect("ITEMS100")


@pytest.mark.parametrize("fault", [f.close_at_accept, f.reset_at_accept, f.silent_at_accept])
def test_a_write_whose_connection_fails_once(world, at, fault):
    """No handshake, so nothing was sent: the write is tried again and done once."""
    call, backend = at("faultytls"), world.strict["faultytls"]
    backend.hang_up()
    backend.clear()
    backend.play_at_accept(fault)
    reply = call("POST", "/items", {"name": "n"})
    assert reply.status == 201
    assert backend.operations() == ["PutItem"]


@pytest.mark.parametrize("host", ["deaf", "nodns"])
def test_never_connected(world, at, host):
    call = at(host)
    check_failure(call("GET", "/items/f"), {503, 504})
    check_failure(call("POST", "/items", {"name": "n"}), {503, 504})
    world.expect("ITEMS100")


@pytest.mark.parametrize("host", ["tlsname", "tlsold", "tlsstranger", "tlspurpose"])
def test_bad_certificates(world, at, host):
    """Not one byte of a request reaches a server that can't prove who it is, nor is it asked again."""
    call, backend = at(host), world.strict[host]
    for method, path, body in (("GET", "/items/f", None), ("POST", "/items", {"name": "n"})):
        backend.clear()
        check_failure(call(method, path, body), {503})
        assert backend.calls == [] and backend.accepted == 1
    world.expect(UNTRUSTED)


def test_the_table_is_not_there(world, at):
    for method, path, body in (
        ("GET", "/items", None), ("GET", "/items/x", None), ("POST", "/items", {"name": "n"}),
        ("PUT", "/items/x", {"name": "n"}), ("DELETE", "/items/x", None),
    ):
        check_failure(at("notable")(method, path, body), {500})
    world.expect(DENIED)


def test_not_allowed(world, at):
    """The emulator's IAM refuses; its words, with account and ARN, stay in the log."""
    for method, path, body in (("GET", "/items/x", None), ("POST", "/items", {"name": "n"})):
        check_failure(at("denied")(method, path, body), {500})
    world.expect(DENIED)
    assert "AccessDenied" in world.log_since_begin()


def test_the_defaults_bound_a_request(world, at):
    """3 s in all, 1 s an attempt."""
    put(world, "items", id="f", name="before")
    call = at("patient")
    world.strict["faulty"].play(*[f.stall] * 4)
    begin = time.monotonic()
    reply = call("GET", "/items/f")
    assert reply.status in (503, 504) and time.monotonic() - begin <= 3.5
    world.expect("ITEMS100")


@pytest.mark.parametrize("fault", [f.stall, f.drip, f.stall_in_body, f.slow(5)])
def test_the_whole_time_rules_over_an_attempts(world, at, fault):
    """ItemsTimeout 600ms, with the default second for an attempt."""
    put(world, "items", id="f", name="before")
    world.strict["faulty"].play(*[fault] * 4)
    reply = at("brief")("GET", "/items/f")
    assert reply.status in (503, 504) and reply.seconds <= 0.6 + SLACK_SECONDS
    world.expect("ITEMS100")


def test_a_bounded_wait_for_a_connection(world, at):
    """One connection, and somebody else has it."""
    put(world, "items", id="f", name="before")
    backend = world.strict["one"]
    assert at("one")("GET", "/items/f").status == 200
    backend.play(f.slow(0.3), f.slow(0.3))
    replies = []

    def get():
        call = Client(world.port, host="one.test", token=world.token)
        replies.append(call("GET", "/items/f"))
        call.close()

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(reply.seconds <= BOUND for reply in replies)
    assert {reply.status for reply in replies} <= {200, 503, 504}
    assert [reply.status for reply in replies].count(200) >= 2
    if {reply.status for reply in replies} != {200}:
        world.expect("ITEMS100")
    assert at("one")("GET", "/items/f").status == 200


def test_many_at_once_meet_dead_connections(world, at):
    put(world, "items", id="f", name="before")
    backend = world.strict["faulty"]
    statuses = []

    def get():
        call = Client(world.port, host="faulty.test", token=world.token)
        statuses.append(call("GET", "/items/f").status)
        call.close()

    for _ in range(3):
        threads = [threading.Thread(target=get) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        backend.hang_up()
    assert statuses == [200] * 60


def test_the_log_tells_the_story(world, faulty):
    """One line for each failed request, with tag, request id and the cause."""
    call, backend = faulty
    backend.play(*[f.error("ThrottlingException")] * 2)
    reply = call("GET", "/items/f", headers={"X-Request-Id": "story-1"})
    assert reply.status == 503
    lines = [line for line in world.log_since_begin().splitlines() if "story-1" in line]
    assert len(lines) == 1
    assert THROTTLED in lines[0] and "ThrottlingException" in lines[0]
    world.expect(THROTTLED)
