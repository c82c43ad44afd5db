# SPDX-License-Identifier: Apache-2.0
"""The second DynamoDB emulator: dynalite, for what only it does.

Its order of a scan is hash-like, it does not hand out the old item when a
condition fails, it prefixes exception names, and it hangs up on idle
connections after some seconds. It checks no signature; strict.py does.
"""

import os

import aws
import emulator
import httpd
import process

BUILD = os.path.join(httpd.ROOT, "build")


class Dynalite:
    def __init__(self, folder):
        self.folder = folder
        self.port = process.free_port()
        self.admin = aws.Account(self.port, "AKIDEXAMPLE", "secret")

    def start(self):
        script = os.path.join(BUILD, "dynalite", "node_modules", "dynalite", "cli.js")
        self.child = process.Child(
            "dynalite",
            [
                process.node_behind(os.path.join(BUILD, "venv", "bin", "node")), script,
                "--host", "127.0.0.1", "--port", str(self.port), "--createTableMs", "0",
            ],
            env={"PATH": "/usr/bin:/bin", "HOME": self.folder},
            folder=self.folder,
            log=os.path.join(self.folder, "dynalite.log"),
        )
        self.child.wait_until(lambda: process.answers(self.port))

    def create_table(self, name="items"):
        self.admin.dynamodb("CreateTable", **emulator.original_table(name))

        def active():
            table = self.admin.dynamodb("DescribeTable", TableName=name)["Table"]
            return table["TableStatus"] == "ACTIVE"

        self.child.wait_until(active)

    def stop(self):
        self.child.stop()
