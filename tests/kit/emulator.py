# SPDX-License-Identifier: Apache-2.0
"""DynamoDB that checks signatures: ministack, one process on 127.0.0.1.

The root keys are never checked by it, so whoever is to prove a signature must
use the keys of an IAM user: user() makes one that may do what mod_items does.
"""

import json
import os
import secrets
import sys

import aws
import process

# What mod_items calls; conf/aws has the same list as a policy.
ACTIONS = ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Scan"]


class Emulator:
    def __init__(self, folder, authority):
        self.folder = os.path.join(folder, "emulator")
        os.mkdir(self.folder, 0o700)
        self.authority = authority
        self.root = ("AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20))
        self.child = None
        self.port = self.plain_port = 0

    def start(self):
        cert, key = self.authority.issue("emulator")
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self.folder,
            "TMPDIR": self.folder,
            "STATE_DIR": os.path.join(self.folder, "state"),
            "AUTH": "true",
            "USE_SSL": "1",
            "AWS_ACCESS_KEY_ID": self.root[0],
            "AWS_SECRET_ACCESS_KEY": self.root[1],
            "MINISTACK_REGION": aws.REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        with process.listener() as tls, process.listener() as plain:
            self.port = tls.getsockname()[1]
            self.plain_port = plain.getsockname()[1]
            env["GATEWAY_PORT"] = str(self.port)
            server = os.path.join(os.path.dirname(__file__), "ministack_server.py")
            fds = (tls.fileno(), plain.fileno())
            self.child = process.Child(
                "the emulator",
                [sys.executable, server, *map(str, fds), cert, key],
                env=env,
                folder=self.folder,
                log=os.path.join(self.folder, "log"),
                pass_fds=fds,
            )
        self.admin = aws.Account(self.port, *self.root, ca=self.authority.file)
        self.child.wait_until(self._ready)

    def _ready(self):
        try:
            self.admin.dynamodb("ListTables")
            return True
        except (OSError, aws.Refused):
            return False

    def create_table(self, name="items"):
        """The table of the original API, with its index."""
        self.admin.dynamodb("CreateTable", **original_table(name))

    def user(self, name="mod_items", tables=("items",)):
        """Access key id and secret of an IAM user that may do just what mod_items needs."""
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:" + action for action in ACTIONS],
                    "Resource": [f"arn:aws:dynamodb:{aws.REGION}:*:table/{t}" for t in tables],
                }
            ],
        }
        self.admin.iam("CreateUser", UserName=name)
        self.admin.iam(
            "PutUserPolicy", UserName=name, PolicyName="items", PolicyDocument=json.dumps(policy)
        )
        key = self.admin.iam("CreateAccessKey", UserName=name)
        return key["AccessKeyId"], key["SecretAccessKey"]

    def stop(self):
        if self.child:
            self.child.stop(seconds=3)


def original_table(name):
    """CreateTable's arguments for the table that the original API has."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "createdAt", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "createdAt-index",
                "KeySchema": [
                    {"AttributeName": "id", "KeyType": "HASH"},
                    {"AttributeName": "createdAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
