// SPDX-License-Identifier: Apache-2.0
// Lambda handlers behind an API Gateway HTTP API (payload format 2.0), as such services are usually
// written: what mod_items replaces.
import { randomUUID } from "node:crypto";
import { GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { dynamodb, TABLE_NAME } from "./client.mjs";

const HEADERS = { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" };
const PAGE_SIZE = "20";

const reply = (statusCode, body) => ({ statusCode, headers: HEADERS, body: JSON.stringify(body) });

const failed = (error) => {
  console.error(error);
  return reply(500, { error: error.message });
};

export const list = async (event) => {
  try {
    const { limit = PAGE_SIZE, lastKey } = event.queryStringParameters ?? {};
    const params = { TableName: TABLE_NAME, Limit: parseInt(limit, 10) };
    if (lastKey) {
      params.ExclusiveStartKey = JSON.parse(Buffer.from(lastKey, "base64").toString());
    }
    const { Items, Count, LastEvaluatedKey } = await dynamodb.send(new ScanCommand(params));
    const body = { data: Items, count: Count };
    if (LastEvaluatedKey) {
      body.nextToken = Buffer.from(JSON.stringify(LastEvaluatedKey)).toString("base64");
    }
    return reply(200, body);
  } catch (error) {
    return failed(error);
  }
};

export const get = async (event) => {
  try {
    const { id } = event.pathParameters;
    const { Item } = await dynamodb.send(new GetCommand({ TableName: TABLE_NAME, Key: { id } }));
    return Item ? reply(200, { data: Item }) : reply(404, { error: "Item not found" });
  } catch (error) {
    return failed(error);
  }
};

export const create = async (event) => {
  try {
    const { name, description, status } = JSON.parse(event.body);
    if (!name) {
      return reply(400, { error: "Name is required" });
    }
    const now = new Date().toISOString();
    const item = {
      id: randomUUID(),
      name,
      description: description || "",
      status: status || "active",
      createdAt: now,
      updatedAt: now,
    };
    await dynamodb.send(new PutCommand({ TableName: TABLE_NAME, Item: item }));
    return reply(201, { data: item });
  } catch (error) {
    return failed(error);
  }
};
