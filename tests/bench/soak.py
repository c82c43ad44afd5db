#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory over many requests: what a child has after --requests N is what it had after --warm N.

    soak.py --built FOLDER [--requests N] [--warm N] [--children N] [--grow BYTES]

A real httpd in front of the benchmark's backend, over TLS; reads, lists, writes and errors of the
client's, of the table's and of an endpoint that refuses, mixed (soak.lua). Right statuses are counted
as well: a server that answers 500 needs little memory. `make soak` is the short form; 10 million take
about 15 minutes on two cores.

malloc() is held to one arena. glibc has eight for each processor, and what threads free in one is
not there for those of another, so that a child's memory wanders by a megabyte or two over millions
of requests, up and down, without anything being kept.
"""

import argparse
import os
import signal
import socket
import sys
import threading
import time

import run as bench

import certs
import httpd
import measure
import process
import rows as table
import still

CLIENTS = 32
THREADS = 32  # of a child
ERRORS = 0.12  # of the requests, by soak.lua
CLOSED = 0.06  # of those: httpd closes behind a 400 and a 503, which wrk takes for read errors
GATHERINGS = 3
GATHERING = 0.15  # seconds, which no request is refused for
SLICE = 2.0  # seconds of load between looks at the memory
REST = 0.3  # seconds before a look


def parse():
    parser = argparse.ArgumentParser(prog="soak.py")
    parser.add_argument("--built", required=True, help="where mod_items.so and bench/backend are")
    parser.add_argument("--requests", type=int, default=10_000_000)
    parser.add_argument("--warm", type=int, default=100_000)
    parser.add_argument("--children", type=int, default=1)
    parser.add_argument("--grow", type=int, default=1024 * 1024,
                        help="bytes that a child may have more at the end than after --warm")
    return parser.parse_args()


class Soak:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        built = os.path.abspath(arguments.built)
        authority = certs.Authority(folder)
        self.backend = bench.Backend(folder, built, authority)
        site = table.Site(folder, built, self.backend.ports, authority, None, arguments.children,
                          THREADS)
        self.port = process.free_port()
        self.closed = socket.socket()  # bound, never listening: it refuses
        self.closed.bind(("127.0.0.1", 0))
        config = site.config(table.Row("items", "GET", (CLIENTS,), tls=True), self.port)
        place = f"127.0.0.1:{self.port}"
        config += (
            f"<VirtualHost {place}>\nServerName bench.test\n</VirtualHost>\n"
            f"<VirtualHost {place}>\nServerName refused.test\n"
            f"ItemsEndpoint http://127.0.0.1:{self.closed.getsockname()[1]}\n</VirtualHost>\n"
        )
        self.server = httpd.Httpd(folder, config, {**bench.KEYS, "MALLOC_ARENA_MAX": "1"})
        self.server.start(self.port)
        self.children = sorted(measure.children_of(self.server.pid))
        self.requests = self.errors = self.cut = 0

    def gather(self):
        """Have all clients wait for the backend at the same time: each thread has then had its request,
        its connection to the backend and whatever that takes, which otherwise comes by and by, with
        every burst."""
        time.sleep(SLICE / 2)
        for _ in range(GATHERINGS):
            os.kill(self.backend.child.pid, signal.SIGSTOP)
            time.sleep(GATHERING)
            os.kill(self.backend.child.pid, signal.SIGCONT)
            time.sleep(GATHERING)

    def load(self):
        said = measure.run_wrk("soak.lua", f"http://127.0.0.1:{self.port}", [table.ID], CLIENTS, SLICE)
        self.requests += said["requests"]
        self.errors += said["status"]
        self.cut += said["read"]
        broken = {name: said[name] for name in ("connect", "write", "timeout") if said[name]}
        if broken or not said["requests"]:
            raise bench.Wrong(f"under load: {broken or 'no answer'}")

    def memory(self):
        time.sleep(REST)
        return [measure.private_bytes(pid) for pid in self.children]

    def tell(self, memory):
        print(f"{self.requests:>9} requests: " +
              ", ".join(f"{size / 1024:.0f} KB" for size in memory), flush=True)

    def until(self, requests):
        while self.requests < requests:
            self.load()
            memory = self.memory()
            self.tell(memory)
        return memory

    def judge(self):
        """What is wrong, a list."""
        gathering = threading.Thread(target=self.gather)
        gathering.start()
        try:
            warm = self.until(self.arguments.warm)
        finally:
            gathering.join()
        begin = self.requests
        end = self.until(self.arguments.requests)
        wrong = [
            f"child {pid} has grown by {(after - before) / 1024:.0f} KB over "
            f"{self.requests - begin} requests"
            for pid, before, after in zip(self.children, warm, end)
            if after - before > self.arguments.grow
        ]
        share = self.errors / self.requests
        if abs(share - ERRORS) > 0.005:
            wrong.append(f"{share:.1%} of the answers are errors, not {ERRORS:.0%}")
        if self.cut > self.requests * CLOSED * 1.1:
            wrong.append(f"{self.cut} of {self.requests} requests were cut off")
        if sorted(measure.children_of(self.server.pid)) != self.children:
            wrong.append("a child has ended")
        return wrong

    def close(self):
        self.server.stop()
        self.backend.child.stop()
        self.closed.close()


def main():
    arguments = parse()
    process.end_with_parent()
    folder = process.public_folder("mod_items-soak.")
    try:
        soak = Soak(arguments, folder)
        try:
            wrong = soak.judge()
        finally:
            soak.close()
    finally:
        still.remove(folder)
    for words in wrong:
        print(words)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
