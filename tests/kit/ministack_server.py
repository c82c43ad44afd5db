# SPDX-License-Identifier: Apache-2.0
"""Serve ministack on two sockets that we were handed: TLS and plain HTTP.

Not ministack's own main(): that one also takes 127.0.0.1:443 when it may, looks
for a port by itself, offers HTTP/2 (which DynamoDB has not) and hangs up after
1,000 requests.

    ministack_server.py TLS-FD PLAIN-FD CERT KEY
"""

import asyncio
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config


def main():
    tls_fd, plain_fd, cert, key = sys.argv[1:]
    config = Config()
    config.bind = [f"fd://{tls_fd}"]
    config.insecure_bind = [f"fd://{plain_fd}"]
    config.certfile = cert
    config.keyfile = key
    config.alpn_protocols = ["http/1.1"]
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 10**9
    config.loglevel = "WARNING"

    from ministack.app import app  # reads the environment

    # A trigger that never comes: SIGTERM then ends the process at once, there is nothing to save.
    asyncio.run(serve(app, config, shutdown_trigger=lambda: asyncio.Event().wait()))


main()
