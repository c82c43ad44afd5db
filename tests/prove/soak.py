#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make prove-soak`: a server under load for a while: soak.py --built FOLDER --minutes N

Two children of the event MPM serve two virtual hosts. One stands before the benchmark's backend and is
loaded by wrk with 64 clients (soak.lua); of the other, four clients ask all the time, and whatever a
backend can do wrong happens to them in turn (tests/http/faults.py). Judged are: every answer; the error
log, which is silent but for the second host's own; the children, which are the same ones at the end; and
from the end of the warm-up on their memory and descriptors, the last third of the time against the first.
"""

import argparse
import collections
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time

import verdict

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [os.path.join(TESTS, name) for name in ("kit", "bench", "http")]

import certs  # noqa: E402
import faults  # noqa: E402
import httpd  # noqa: E402
import measure  # noqa: E402
import process  # noqa: E402
import rows  # noqa: E402
from client import Client  # noqa: E402
from strict import Strict  # noqa: E402

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SAMPLE_SECONDS = 1
WARM = 0.3  # of the time: what is needed once has been allocated by then
# What a child's memory may grow by: threads and connections that were not needed before still come up
# for a while, but in ten minutes a block that is lost with every hundredth request shows.
GROWTH_BYTES = 1024 * 1024
GROWTH_PER_MILLION = 256 * 1024
DESCRIPTORS = 8  # more than before: connections that happen to be open

FAULTS = [
    faults.ok, faults.drop, faults.reset, faults.done_then_drop, faults.done_then_reset,
    faults.close_after, faults.announce_close, faults.stall, faults.stall_in_body, faults.cut_in_head,
    faults.cut_in_body, faults.reset_in_body, faults.shortened, faults.wrong_crc, faults.html,
    faults.chunked, faults.continue_first, faults.continue_storm, faults.extra_bytes,
    faults.raw(b"\x16\x03\x01\x02\x00"), faults.redirect("http://127.0.0.1:1/"),
    faults.error("ProvisionedThroughputExceededException"), faults.error("InternalServerError", 500),
    faults.error("AccessDeniedException"), faults.error("ConditionalCheckFailedException"),
]
AT_ACCEPT = [faults.close_at_accept, faults.reset_at_accept, faults.babble_at_accept]
# 404: the item is not there, says a failed condition. Never anything else.
RIGHT = {200, 201, 404, 409, 500, 502, 503, 504}


def config(port, urls):
    host = ("<VirtualHost 127.0.0.1:{port}>\nServerName {name}.test\nItemsTable items\n"
            "ItemsEndpoint {url}\nItemsPublic On\n{more}</VirtualHost>\n")
    return (
        httpd.server_config("event", module=httpd.BUILT)
        # More threads than clients, in each: event ends kept connections when it has no thread to spare.
        + "ServerLimit 2\nStartServers 2\nThreadLimit 80\nThreadsPerChild 80\nMaxRequestWorkers 160\n"
        "MinSpareThreads 1\nMaxSpareThreads 160\nMaxConnectionsPerChild 0\nKeepAliveTimeout 60\n"
        f"MaxKeepAliveRequests 0\nItemsRegion us-east-1\nListen 127.0.0.1:{port}\n"
        + host.format(port=port, name="direct", url=urls[0], more="")
        + host.format(port=port, name="faulty", url=urls[1],
                      more="ErrorLog logs/faulty.log\nItemsTimeout 1s\nItemsAttemptTimeout 400ms\n"
                      "ItemsConnectTimeout 300ms\n"))


class Faulty:
    """Clients of the second host, and what happens behind it."""

    def __init__(self, port, upstream_port):
        self.strict = Strict(upstream_port, KEYS)
        self.port = port
        self.statuses = collections.Counter()
        self.wrong = []
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._ask, args=(number,), daemon=True)
                        for number in range(4)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(30)
        self._look()
        self.strict.close()

    def _ask(self, number):
        choice = random.Random(number)
        call = Client(self.port, host="faulty.test")
        while not self.stopped.is_set():
            if choice.random() < 0.8:
                self.strict.play(choice.choice(FAULTS))
            elif choice.random() < 0.2:
                self.strict.play_at_accept(choice.choice(AT_ACCEPT))
            kind = choice.choice(list(rows.KINDS))
            method, target, has_body = rows.KINDS[kind]
            try:
                reply = call(method, target, rows.ITEM if has_body else None)
                with self.lock:
                    self.statuses[reply.status] += 1
                    if reply.status not in RIGHT or reply.json is None:
                        self.wrong.append(f"{kind}: {reply}")
            except Exception as fault:  # whatever it is, no client may see it
                with self.lock:
                    self.wrong.append(f"{kind}: {fault!r}")
                call = Client(self.port, host="faulty.test")
            self._look()

    def _look(self):
        """The proxy keeps what it has seen: judge and forget."""
        with self.lock:
            if len(self.strict.calls) > 200 or self.strict.violations or self.stopped.is_set():
                self.wrong += self.strict.violations
                with self.strict.lock:
                    self.strict.calls, self.strict.violations = [], []


def sample(pids):
    return [(measure.memory(pid, "VmRSS")[0], len(os.listdir(f"/proc/{pid}/fd"))) for pid in pids]


def thirds(samples, child, what):
    values = [one[child][what] for one in samples[int(len(samples) * WARM):]]
    third = max(1, len(values) // 3)
    return values[:third], values[-third:]


class Judge:
    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, fine, words):
        self.passed, self.failed = self.passed + bool(fine), self.failed + (not fine)
        print(f"{'right' if fine else 'WRONG'}: {words}", flush=True)


def judge_children(judge, samples, requests):
    between = requests / len(samples[0]) * (1 - WARM) * 2 / 3  # of a child, from third to third
    allowed = GROWTH_BYTES + GROWTH_PER_MILLION * between / 1e6
    for child in range(len(samples[0])):
        print(f"child {child + 1}, KB resident: " + " ".join(
            str(samples[i][child][0] // 1024) for i in range(0, len(samples), max(1, len(samples) // 12))))
        before, after = (statistics.median(part) for part in thirds(samples, child, 0))
        judge(after - before <= allowed,
              f"child {child + 1}: {before / 1024:.0f} KB resident, then {after / 1024:.0f} KB "
              f"({allowed / 1024:.0f} KB more are allowed)")
        before, after = (statistics.median(part) for part in thirds(samples, child, 1))
        judge(after <= before + DESCRIPTORS,
              f"child {child + 1}: {before:.0f} descriptors, then {after:.0f}")


def load(port, seconds):
    item = json.dumps(rows.ITEM)
    return subprocess.Popen(
        process.leashed(
            ["wrk", "-t2", "-c64", f"-d{seconds}s", "--latency", "-s", os.path.join(HERE, "soak.lua"),
             f"http://127.0.0.1:{port}", "--", rows.ID, item]),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def soak(folder, arguments):
    seconds = max(30, int(arguments.minutes * 60))
    certificate, key = certs.Authority(folder).issue("backend")
    backend = process.Child(
        "backend", [os.path.join(arguments.built, "bench", "backend"), certificate, key, "5"],
        env={"PATH": "/usr/bin:/bin"}, folder=folder, log=os.path.join(folder, "backend.log"))
    backend.wait_until(lambda: "tls-late=" in backend.log_tail())
    ports = dict(word.split("=") for word in backend.log_tail().split())
    port = process.free_port()
    faulty = Faulty(port, int(ports["plain"]))
    server = httpd.Httpd(
        folder, config(port, (f"http://127.0.0.1:{ports['plain']}", faulty.strict.url)),
        {"AWS_ACCESS_KEY_ID": KEYS[0], "AWS_SECRET_ACCESS_KEY": KEYS[1]})
    judge, samples = Judge(), []
    try:
        server.start(port)
        children = sorted(measure.children_of(server.pid))
        begun = server.log()
        wrk = load(port, seconds)
        faulty.start()
        while wrk.poll() is None:
            time.sleep(SAMPLE_SECONDS)
            samples.append(sample(children))
        faulty.stop()
        said = json.loads(wrk.stdout.read().strip().splitlines()[-1])
        judge(sorted(measure.children_of(server.pid)) == children, "the children are the same")
        judge(said["requests"] > 0 and not said["wrong"] + said["broken"],
              f"{said['requests']} requests, {said['requests'] / said['us'] * 1e6:.0f}/s, "
              f"p99 {said['p99'] / 1000:.1f} ms: {said['wrong']} wrong, {said['broken']} broken"
              f" ({said['errors']})")
        judge(faulty.statuses[200] and not faulty.wrong,
              f"{sum(faulty.statuses.values())} requests with faults behind them: "
              f"{dict(sorted(faulty.statuses.items()))} {faulty.wrong[:5] or ''}")
        judge_children(judge, samples, said["requests"])
        status = server.stop()
        new = [line for line in server.log()[len(begun):].splitlines() if ":notice]" not in line]
        judge(status == 0 and not new, f"httpd ends with {status}; the log is silent {new[:5] or ''}")
    finally:
        server.stop()
        backend.stop()
    verdict.end("soak with faults", judge.passed, judge.failed)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--built", required=True)
    options.add_argument("--minutes", type=float, default=10)
    arguments = options.parse_args()
    arguments.built = os.path.abspath(arguments.built)
    process.end_with_parent()
    httpd.BUILT = os.path.join(arguments.built, "mod_items.so")
    folder = process.public_folder("mod_items-soak.")
    try:
        soak(folder, arguments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
