#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench-restarts`: what clients notice of graceful restarts, with and without free slots.

Two children that serve, new connections all the time, a restart each 0.7 s. A child that is ending
keeps its slot of the scoreboard until its last request is answered; where ServerLimit has no other,
the next child has to wait, and so do clients.
"""
import http.client
import os
import signal
import sys
import threading
import time

import run  # this folder's; it makes the kit's modules known
import httpd
import process
import rows
import still

CLIENTS = 24
RESTARTS = 8
PAUSE = 0.7


class Load:
    def __init__(self, port):
        self.port = port
        self.is_over = False
        self.seconds = []
        self.failed = 0
        self.threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _client(self):
        while not self.is_over:
            begin = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request("GET", f"/items/{rows.ID}")
                answer = connection.getresponse()
                answer.read()
                connection.close()
                self.failed += answer.status != 200
            except (OSError, http.client.HTTPException):
                self.failed += 1
            self.seconds.append(time.monotonic() - begin)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()
        self.seconds.sort()


def measure(bench, folder, slots):
    row = rows.Row("items", "GET", (CLIENTS,), late=True, layout=rows.Layout(children=2, threads=32))
    port = process.free_port()
    os.mkdir(folder)
    config = bench.site.config(row, port).replace("ServerLimit 2\n", f"ServerLimit {slots}\n")
    server = httpd.Httpd(folder, config, run.KEYS)
    server.start(port)
    try:
        load = Load(port)
        for _ in range(RESTARTS):
            time.sleep(PAUSE)
            server.send(signal.SIGUSR1)
        time.sleep(PAUSE)
        load.end()
    finally:
        server.stop()
    count = len(load.seconds)
    print(f"2 children, ServerLimit {slots}: {count} requests over {RESTARTS} restarts, "
          f"{load.failed} failed; p50 {load.seconds[count // 2] * 1000:.0f} ms, "
          f"{sum(seconds > 0.1 for seconds in load.seconds)} took more than 100 ms, the slowest "
          f"{load.seconds[-1] * 1000:.0f} ms", flush=True)
    return load.failed


def main():
    arguments = run.parse(sys.argv[1:])
    process.end_with_parent()
    folder = process.public_folder("mod_items-bench.")
    bench = run.Bench(arguments, folder)
    try:
        failed = sum([measure(bench, os.path.join(folder, f"slots-{slots}"), slots)
                      for slots in (2, 4, 8)])
    finally:
        bench.close()
        still.remove(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
