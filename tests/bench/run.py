#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: what a request costs inside httpd, beside what it costs at the least.

    run.py --built FOLDER [--quick] [--rounds N] [--seconds S] [--children N] [--threads N]
           [--patient] [--peers] [--old MODULE --old-name WORDS]

All rows take turns, at least five times (twice with --quick): a row's httpd is started fresh, asked
once whether it answers what it should, warmed, and loaded by wrk with 256, 64 and 1 clients. What
counts is CPU time per request of all of httpd's processes: on a busy machine it wobbles less than
requests per second, and the ratios within one round wobble least. Nothing is judged by a clock: the
run fails when an answer is wrong, never because it was slow. With --peers servers that are no httpd
take their turns as well.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "kit"))

import certs  # noqa: E402
import httpd  # noqa: E402
import process  # noqa: E402
from cryptography.hazmat.primitives import hashes, serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: E402

import measure  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import rows as table  # noqa: E402
import still  # noqa: E402

DELAY_MS = 5
WARM_SECONDS = 0.3
REST = 0.2  # the connections of before are closed by then: event needs a thread for each
# Node's compiler is at it for so many requests: CPU of each falls to a third of the first ones'.
WARM_REQUESTS = {"node": 5000}
WARM_MOST = 15
CALM = 0.05  # of the processors' time may go to others
TRIES = 6  # with --patient
# The keys are nobody's: the backend looks at no signature.
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
GRAVE = re.compile(r"\] \[[a-z0-9_]*:(?:emerg|alert|crit|error)\] ")


class Wrong(RuntimeError):
    """An answer is not what it should be: nothing to measure."""


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_tokens(key_file):
    """Access tokens as Cognito's, RS256 with a key of 2048 bits, whose public half goes to a file: a good
    one, one with a wrong signature, an expired one, and what is no token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with open(key_file, "wb") as out:
        out.write(key.public_key().public_bytes(serialization.Encoding.PEM,
                                                serialization.PublicFormat.SubjectPublicKeyInfo))
    now = int(time.time())
    claims = {"sub": "bench", "iss": table.ISSUER, "client_id": table.CLIENT, "version": 2,
              "token_use": "access", "scope": "items/read items/write", "auth_time": now,
              "iat": now, "exp": now + 12 * 3600, "username": "bench",
              "jti": "7c0b9d5e-2b54-4c1c-8f5e-3f6a0b9d1c2e"}

    def sign(**more):
        signed = encode(json.dumps({"alg": "RS256", "kid": "k1"}).encode()) + "." + \
            encode(json.dumps({**claims, **more}).encode())
        return signed + "." + encode(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))

    good = sign()
    forged = good.rpartition(".")[0] + "." + sign(jti="another").rpartition(".")[2]
    return {"good": good, "forged": forged, "expired": sign(exp=now - 1), "junk": "x" + good[1:]}


class Backend:
    def __init__(self, folder, built, authority, name="backend", delay=DELAY_MS):
        certificate, key = authority.issue(name)
        self.child = process.Child(
            name, [os.path.join(built, "bench", "backend"), certificate, key, str(delay)],
            env={"PATH": "/usr/bin:/bin"}, folder=folder, log=os.path.join(folder, name + ".log"))
        self.child.wait_until(lambda: "tls-late=" in self.child.log_tail())
        self.ports = {name: int(port) for name, port in
                      (word.split("=") for word in self.child.log_tail().split())}

    def answer(self, kind):
        """What it says to a request that mod_proxy_http hands on."""
        method, target, body = request_of(kind)
        return measure.Answer(self.ports["plain"], method, target, body=body).body


def request_of(kind):
    method, target, has_body = table.KINDS[kind]
    return method, target, json.dumps(table.ITEM).encode() if has_body else None


def without_ours(value):
    """What a peer says that shows all attributes of an item, without those that are mod_items's own."""
    if isinstance(value, list):
        return list(map(without_ours, value))
    if isinstance(value, dict):
        return {name: without_ours(member) for name, member in value.items()
                if not name.startswith("_items_")}
    return value


def is_item(item):
    """Is it the backend's item, converted, with nothing of ours in it?"""
    want = dict(table.ITEM, id=item.get("id"), createdAt=table.STAMP, updatedAt=table.STAMP)
    return item == want


def is_right(kind, answer, is_peer=False):
    """Is it mod_items's answer to that kind?"""
    said = json.loads(answer.body)
    if is_peer:
        said = without_ours(said)
    if kind.startswith("list"):
        count = int(kind.split()[1])
        return answer.status == 200 and said["count"] == count == len(said["data"]) and \
            all(map(is_item, said["data"])) and bool(said["nextToken"])
    if kind == "DELETE":
        return answer.status == 200 and said == {"message": "Item deleted"}
    if kind == "POST":
        item = said["data"]
        return answer.status == 201 and table.ITEM.items() <= item.items() and \
            len(item["id"]) == 36 and item["createdAt"] == item["updatedAt"]
    return answer.status == 200 and said["data"]["id"] == table.ID and is_item(said["data"])


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.authority = certs.Authority(folder)
        self.key_file = os.path.join(folder, "token.pem")
        self.tokens = make_tokens(self.key_file)
        self.body_file = os.path.join(folder, "body.json")
        with open(self.body_file, "w", encoding="utf-8") as out:
            json.dump(table.ITEM, out)
        self.backend = Backend(folder, arguments.built, self.authority)
        self.site = self._site(self.backend)
        slow = Backend(folder, arguments.built, self.authority, "slow", still.SLOW_MS)
        slow.ports.update({"plain": slow.ports["plain-late"], "tls": slow.ports["tls-late"]})
        self.backends = [self.backend.child, slow.child]
        self.slow = self._site(slow)
        self.slow.patience = still.PATIENCE
        self.started = 0

    def _site(self, backend):
        arguments = self.arguments
        return table.Site(self.folder, arguments.built, backend.ports, self.authority,
                          self.key_file, arguments.children, arguments.threads)

    def start(self, row, site=None):
        """A fresh httpd for the row, or a fresh peer, and its port; another site than usual has
        other backends."""
        self.started += 1
        folder = os.path.join(self.folder, f"server-{self.started}")
        os.mkdir(folder)
        port = process.free_port()
        site = site or self.site
        if row.is_peer:
            server = peers.Server(folder, row.server, site.endpoint(row), self.authority.file,
                                  KEYS)
        else:
            server = httpd.Httpd(folder, site.config(row, port), KEYS)
        server.start(port)
        return server, port

    def headers_of(self, row):
        return {"Authorization": "Bearer " + self.tokens[row.token]} if row.token else {}

    def load(self, row, port, clients, seconds):
        method, target, has_body = table.KINDS[row.kind]
        request = (method, target, self.body_file if has_body else None,
                   self.headers_of(row))
        said = measure.wrk(port, request, clients, seconds)
        if row.is_refused:  # every one of them
            said["status"] = abs(said["requests"] - said["status"])
        errors = measure.errors_of(said)
        # With fewer workers than clients event closes kept connections, and wrk calls that an error: of
        # a layout a thing to know.
        if (errors and not row.layout) or not said["requests"]:
            raise Wrong(f"errors under load: {errors or 'no answer'}")
        return said

    def warm(self, row, port):
        end = time.monotonic() + WARM_MOST
        served = 0
        while not served or served < WARM_REQUESTS.get(row.server, 0) and time.monotonic() < end:
            served += self.load(row, port, max(row.clients), WARM_SECONDS)["requests"]
        time.sleep(REST)

    def check(self, row, port):
        """One answer, looked at whole; without a token none."""
        method, target, body = request_of(row.kind)
        headers = self.headers_of(row)
        if row.token and measure.Answer(port, method, target).status != 401:
            raise Wrong("a request without a token is not refused")
        if body:
            headers["Content-Type"] = "application/json"
        answer = measure.Answer(port, method, target, headers, body)
        if row.is_peer:
            good = is_right(row.kind, answer, True) and self._is_no_toy(port)
        elif row.is_refused:
            good = answer.status == 401
        elif row.server in ("items", "old", "remembered"):
            good = is_right(row.kind, answer)
        else:
            good = answer.status == 200 and answer.body == self.backend.answer(row.kind)
        if not good:
            raise Wrong(f"status {answer.status}: {answer.body[:300]!r}")

    def _is_no_toy(self, port):
        """Does a peer say no where mod_items does, and go on behind a page?"""
        token = json.loads(measure.Answer(port, "GET", "/items").body)["nextToken"]
        more = "/items?lastKey=" + urllib.parse.quote(token)
        kind = {"Content-Type": "application/json"}
        return measure.Answer(port, "GET", more).status == 200 and \
            measure.Answer(port, "GET", "/items/absent").status == 404 and \
            measure.Answer(port, "POST", "/items", kind, b'{"name":""}').status == 400

    def turn(self, row):
        """One row's turn: numbers by clients, and the peak memory."""
        server, port = self.start(row)
        found = {}
        try:
            self.check(row, port)
            self.warm(row, port)
            children = measure.tree_of(server.pid) if row.is_peer else \
                measure.children_of(server.pid)
            pids = sorted({server.pid, *children})
            # The many first: what they make the server open is there for the few.
            for clients in sorted(row.clients, reverse=True):
                meter = measure.Meter(pids, [self.backend.child.pid, os.getpid()])
                said = self.load(row, port, clients, self.arguments.seconds)
                spent, others = meter.read()
                found[clients] = {
                    "cpu_us": spent * 1e6 / said["requests"],
                    "others": others,
                    "per_second": said["requests"] / said["us"] * 1e6,
                    "p50_us": said["p50"], "p99_us": said["p99"],
                    "requests": said["requests"], "closed": said["read"],
                }
            # Of layouts what is theirs alone: the sum would count shared pages once per child.
            peak = sum(measure.private_bytes(pid) if row.layout else measure.memory(pid, "VmHWM")[0]
                       for pid in children)
            # Now: a stop closes sockets under threads that still use them, and httpd says so.
            grave = server.complaints() if row.is_peer else \
                [line for line in server.log().splitlines() if GRAVE.search(line)
                 and not (row.layout and "AH00484" in line)]  # too few workers, on purpose
            if grave:
                raise Wrong(f"its error log: {' | '.join(grave[:3])}")
        finally:
            server.stop()
        return found, peak

    def patient_turn(self, row):
        """A turn that nobody else on the machine disturbed, or with --patient the calmest of some."""
        turns = []
        for _ in range(TRIES if self.arguments.patient else 1):
            found, peak = self.turn(row)
            turns.append((max(numbers["others"] for numbers in found.values()), found, peak))
            if turns[-1][0] < CALM:
                break
        return min(turns, key=lambda turn: turn[0])[1:]

    def close(self):
        for child in self.backends:
            child.stop()


def parse(words):
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--built", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of load, for each number of clients")
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--threads", type=int, default=256, help="of a child")
    parser.add_argument("--patient", action="store_true",
                        help="repeat turns that others on the machine disturbed")
    parser.add_argument("--peers", action="store_true", help="rows for Node, Go and Rust as well")
    parser.add_argument("--layouts", action="store_true",
                        help="mod_items alone, under what an operator chooses")
    parser.add_argument("--old", help="another mod_items.so to compare with")
    parser.add_argument("--old-name", default="")
    arguments = parser.parse_args(words)
    arguments.built = os.path.abspath(arguments.built)
    arguments.rounds = arguments.rounds or (2 if arguments.quick else 5)
    arguments.seconds = arguments.seconds or 0.5
    return arguments


def run(bench, arguments, rows):
    results = [report.Result(row) for row in rows]
    begin = time.monotonic()
    for number in range(arguments.rounds):
        for result in results:
            if result.wrong:
                continue
            try:
                result.add(*bench.patient_turn(result.row))
            except (ValueError, KeyError, RuntimeError, process.ChildDied, OSError,
                    subprocess.SubprocessError) as fault:
                result.wrong = str(fault) or repr(fault)
                print(f"WRONG {result.row.name}, {result.row.label}: {result.wrong}", flush=True)
        print(f"round {number + 1} of {arguments.rounds}, {time.monotonic() - begin:.0f} s",
              flush=True)
    return results


def main():
    arguments = parse(sys.argv[1:])
    process.end_with_parent()
    if arguments.old:
        rows = table.two_modules(os.path.abspath(arguments.old),
                                 os.path.join(arguments.built, "mod_items.so"))
    elif arguments.layouts:
        rows = table.layouts()
    else:
        rows = table.quick() if arguments.quick else table.full()
    is_usual = not arguments.old and not arguments.layouts
    made = peers.make_all() if arguments.peers and is_usual else {}
    rows += table.peers([name for name, state in made.items() if "tool" in state])
    folder = process.public_folder("mod_items-bench.")
    about = {**report.about(arguments), "peers": made}
    print(report.heading(about, arguments), flush=True)
    bench = Bench(arguments, folder)
    found = {"failed": []}
    name = "old.json" if arguments.old else "result.json" if is_usual else "layouts.json"
    try:
        results = run(bench, arguments, rows)
        print(report.table(results), *report.peers_lines(made), sep="\n", flush=True)
        place = report.save(about, results, {}, name)
        if is_usual:
            found = still.measure_all(bench, results)
            print(report.still_lines(found, results))
            report.save(about, results, found, name)
    finally:
        bench.close()
        still.remove(folder)
    print(f"Written to {os.path.relpath(place)}")
    wrong = [result for result in results if result.wrong]
    if wrong:
        print(f"{len(wrong)} of {len(results)} rows went wrong, and their numbers are left out")
    failed = found["failed"] or any("failed" in state for state in made.values())
    sys.exit(1 if wrong or failed else 0)


if __name__ == "__main__":
    main()
