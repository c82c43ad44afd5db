# SPDX-License-Identifier: Apache-2.0
"""Graceful restarts: page tokens and requests under way survive them."""

import os
import threading
import time

import faults
import pytest
from client import Client
from tables import clear, fill, put
from world import World


@pytest.fixture(scope="module")
def reloaded(folder, emulator, issuer, keys):
    """A server of its own: restarts would make the others' child pids and logs uncertain."""
    place = os.path.join(folder, "reload")
    os.mkdir(place, 0o755)
    with World(place, "event", emulator, issuer, keys).running() as world:
        yield world


@pytest.fixture
def world(reloaded):
    with reloaded.gated():
        yield reloaded


def test_page_tokens_survive(world):
    clear(world, "lists")
    ids = fill(world, "lists", 12)
    call = Client(world.port, host="lists.test", token=world.token)
    found = []
    path = "/items?limit=4"
    for _ in range(3):
        reply = call("GET", path)
        assert reply.status == 200, reply.body
        found += [item["id"] for item in reply.json["data"]]
        path = "/items?limit=4&lastKey=" + reply.json.get("nextToken", "")
        world.server.restart()
    assert sorted(found) == ids


def test_a_request_under_way_is_answered(world):
    put(world, "items", id="r", name="n")
    world.strict["items"].play(faults.slow(0.8))
    replies = []

    def get():
        replies.append(Client(world.port, token=world.token)("GET", "/items/r"))

    thread = threading.Thread(target=get)
    thread.start()
    while not world.strict["items"].calls:
        time.sleep(0.01)
    world.server.restart()
    assert Client(world.port, token=world.token)("GET", "/items/r").status == 200
    thread.join()
    assert [reply.status for reply in replies] == [200]


def test_nothing_fails_over_ten_restarts(world):
    put(world, "items", id="r", name="n")
    statuses = []
    done = threading.Event()

    def get():
        call = Client(world.port, token=world.token)
        while not done.is_set():
            statuses.append(call("GET", "/items/r").status)
            statuses.append(call("PUT", "/items/r", {"name": "m"}).status)

    threads = [threading.Thread(target=get) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        world.server.restart()
        time.sleep(0.1)
    done.set()
    for thread in threads:
        thread.join()
    assert len(statuses) > 10 and set(statuses) == {200}


def test_the_random_key_dies_with_the_server(folder, emulator, issuer, keys):
    """A stop and a start make a new key; httpd's memory is all that holds it."""
    tokens = []
    for number in range(2):
        place = os.path.join(folder, f"fresh{number}")
        os.mkdir(place, 0o755)
        with World(place, "event", emulator, issuer, keys).running() as world, world.gated():
            if number == 0:
                clear(world, "lists")
                fill(world, "lists", 12)
            call = Client(world.port, host="lists.test", token=world.token)
            statuses = [call("GET", "/items?lastKey=" + token).status for token in tokens]
            assert statuses == [400] * number
            tokens.append(call("GET", "/items?limit=2").json["nextToken"])
