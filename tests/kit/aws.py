# SPDX-License-Identifier: Apache-2.0
"""Signed calls of AWS services, as few lines as they can be: botocore signs, http.client sends."""

import http.client
import json
import ssl
import threading
import xml.etree.ElementTree as xml
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"


class Refused(Exception):
    """An answer that is not 200; name is AWS's exception."""

    def __init__(self, status, name, text):
        super().__init__(f"{status} {name}: {text}")
        self.status = status
        self.name = name


class Account:
    """One access key at one endpoint. Any thread: each has a connection of its own."""

    def __init__(self, port, key_id, secret, *, ca=None, region=REGION):
        self.port = port
        self.key_id = key_id
        self.secret = secret
        self.region = region
        self.context = ssl.create_default_context(cafile=ca) if ca else None
        self.local = threading.local()

    def _connection(self):
        connection = getattr(self.local, "connection", None)
        if connection is None:
            if self.context:
                connection = http.client.HTTPSConnection(
                    "127.0.0.1", self.port, timeout=30, context=self.context
                )
            else:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.local.connection = connection
        return connection

    def send(self, service, headers, body):
        scheme = "https" if self.context else "http"
        request = AWSRequest(
            "POST", f"{scheme}://127.0.0.1:{self.port}/", headers=headers, data=body
        )
        SigV4Auth(Credentials(self.key_id, self.secret), service, self.region).add_auth(request)
        for attempt in (1, 2):  # a kept connection may have been closed meanwhile
            connection = self._connection()
            try:
                connection.request("POST", "/", body=body, headers=dict(request.headers))
                response = connection.getresponse()
                return response.status, response.read()
            except (http.client.HTTPException, OSError):
                connection.close()
                if attempt == 2:
                    raise
        raise AssertionError("not reached")

    def json(self, service, target, arguments, version="1.0"):
        """A JSON 1.0 or 1.1 service (DynamoDB, Cognito)."""
        body = json.dumps(arguments).encode()
        headers = {
            "Content-Type": f"application/x-amz-json-{version}",
            "X-Amz-Target": target,
        }
        status, answer = self.send(service, headers, body)
        if status != 200:
            try:
                error = json.loads(answer)
            except ValueError:
                error = {"message": answer[:200]}
            name = str(error.get("__type", "")).rpartition("#")[2]
            raise Refused(status, name, error.get("message", error.get("Message", "")))
        return json.loads(answer)

    def dynamodb(self, operation, **arguments):
        return self.json("dynamodb", "DynamoDB_20120810." + operation, arguments)

    def cognito(self, operation, **arguments):
        target = "AWSCognitoIdentityProviderService." + operation
        return self.json("cognito-idp", target, arguments, "1.1")

    def iam(self, action, **arguments):
        """A Query service: a form in, XML out; the text of each leaf element by its name."""
        body = urlencode({"Action": action, "Version": "2010-05-08", **arguments}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        status, answer = self.send("iam", headers, body)
        if status != 200:
            raise Refused(status, action, answer[:300])
        return {leaf.tag.rpartition("}")[2]: leaf.text for leaf in xml.fromstring(answer).iter()}
