# SPDX-License-Identifier: Apache-2.0
"""An issuer of Cognito access tokens: a user pool of the emulator's.

Pool, resource server (scopes items/read and items/write) and a client with a
secret, as the client_credentials grant wants it. The tokens are RS256, of the
pool's own key, which the pool publishes over https.
"""

import base64
import http.client
import json
import os
from urllib.parse import urlencode

SCOPES = ("items/read", "items/write")


class Issuer:
    def __init__(self, emulator, hours=12):
        self.emulator = emulator
        call = emulator.admin.cognito
        self.pool = call("CreateUserPool", PoolName="items")["UserPool"]["Id"]
        call(
            "CreateResourceServer",
            UserPoolId=self.pool,
            Identifier="items",
            Name="items",
            Scopes=[
                {"ScopeName": scope.partition("/")[2], "ScopeDescription": scope}
                for scope in SCOPES
            ],
        )
        client = call(
            "CreateUserPoolClient",
            UserPoolId=self.pool,
            ClientName="items",
            GenerateSecret=True,
            AllowedOAuthFlows=["client_credentials"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthScopes=list(SCOPES),
            AccessTokenValidity=hours,
            TokenValidityUnits={"AccessToken": "hours"},
        )["UserPoolClient"]
        self.client_id = client["ClientId"]
        self.client_secret = client["ClientSecret"]
        self.url = f"https://cognito-idp.{emulator.admin.region}.amazonaws.com/{self.pool}"
        self.jwks = f"https://127.0.0.1:{emulator.port}/{self.pool}/.well-known/jwks.json"

    def token(self, *scopes):
        """An access token for the client itself."""
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.emulator.port, timeout=10, context=self.emulator.admin.context
        )
        connection.request(
            "POST",
            "/oauth2/token",
            body=urlencode(
                {"grant_type": "client_credentials", "scope": " ".join(scopes or SCOPES)}
            ),
            headers={
                "Authorization": "Basic " + basic,
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"the issuer refused a token: {response.status} {answer[:300]}")
        return json.loads(answer)["access_token"]

    def key_file(self):
        """The private key that signs access tokens, for tests that make bad ones."""
        self.token()  # the first token makes the key
        state = os.path.join(self.emulator.folder, "state", "cognito-pool-keys")
        return os.path.join(state, f"{self.pool}-access.pem")
