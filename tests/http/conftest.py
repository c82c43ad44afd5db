# SPDX-License-Identifier: Apache-2.0
"""The fixtures: emulators and issuer once, one httpd for each MPM, and the gate after each test.

After each test: every call that reached DynamoDB was signed right (strict.py), and
nothing at warning or above is in httpd's error log that the test did not
announce. At the end: httpd stops gracefully with status 0.
"""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path[:0] = [
    os.path.dirname(__file__),
    os.path.join(os.path.dirname(os.path.dirname(__file__)), "kit"),
]

import certs  # noqa: E402
import emulator as emulators  # noqa: E402
import dynalite as dynalites  # noqa: E402
import issuer as issuers  # noqa: E402
import process  # noqa: E402
from client import Client  # noqa: E402
from world import World, none_of  # noqa: E402

TABLES = ("items", "other", "lists")

# Whoever has started us may have been told to end, or not be there any more: what runs is ended in order.
process.end_with_parent()


@pytest.fixture(scope="session")
def folder():
    path = process.public_folder("mod_items-test.")
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def tmp_path(folder):
    """pytest's own would stay behind."""
    return pathlib.Path(tempfile.mkdtemp(dir=folder))


@pytest.fixture(scope="session")
def emulator(folder):
    server = emulators.Emulator(folder, certs.Authority(folder))
    server.start()
    for table in (*TABLES, "forbidden"):
        server.create_table(table)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def issuer(emulator):
    return issuers.Issuer(emulator)


@pytest.fixture(scope="session")
def keys(emulator):
    """An IAM user's, who may do what mod_items does on all tables but `forbidden`."""
    return emulator.user(tables=(*TABLES, "absent"))


@pytest.fixture(scope="session")
def dynalite(folder):
    server = dynalites.Dynalite(folder)
    server.start()
    for table in ("items", "many"):
        server.create_table(table)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def worlds(folder, emulator, issuer, keys, dynalite):
    made = {}
    failed = {}

    def get(mpm):
        if mpm in failed:
            pytest.fail(failed[mpm], pytrace=False)
        if mpm not in made:
            failed[mpm] = f"the server under {mpm} did not start"
            place = os.path.join(folder, mpm)
            os.mkdir(place, 0o755)
            world = World(place, mpm, emulator, issuer, keys, dynalite)
            world.start()
            made[mpm] = world
            none_of(world.grave_lines(world.server.log()))
            del failed[mpm]
        return made[mpm]

    yield get
    # The last test of a run is told of it, whatever that one did.
    none_of([f"at the end of all tests, {mpm}: {words}"
             for mpm, world in made.items() for words in world.stop()])


@pytest.fixture
def world(worlds):
    """The server under the event MPM."""
    with worlds("event").gated() as world:
        yield world


@pytest.fixture(params=["event", "worker", "prefork"])
def each_world(worlds, request):
    with worlds(request.param).gated() as world:
        yield world


@pytest.fixture
def client(world):
    """A signed-in client of the virtual host items.test."""
    made = Client(world.port, token=world.token)
    yield made
    made.close()


@pytest.fixture
def at(world):
    """at("name"): a signed-in client of the virtual host name.test."""
    made = []

    def get(name, token=Ellipsis):
        client = Client(
            world.port, host=name + ".test", token=world.token if token is Ellipsis else token
        )
        made.append(client)
        return client

    yield get
    for client in made:
        client.close()
