// SPDX-License-Identifier: Apache-2.0
// One document client for all handlers, as Lambda keeps it between invocations. The endpoint, the
// region and the keys come from the environment, which the SDK reads itself.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

const CONNECTIONS = 256; // kept; the SDK's own 50 would make requests queue under the benchmark's load

const agent = { keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS };

const client = new DynamoDBClient({
  maxAttempts: 4,
  requestHandler: {
    connectionTimeout: 500,
    requestTimeout: 1000,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  },
});

export const TABLE_NAME = process.env.TABLE_NAME;
export const dynamodb = DynamoDBDocumentClient.from(client);
