// SPDX-License-Identifier: Apache-2.0
// What API Gateway and Lambda do around the handlers, as thin as it can be: a route, an event, an
// answer. Configured by PORT.
import { createServer } from "node:http";
import { create, get, list } from "./handlers.mjs";

const ITEM = /^\/items\/([^/]+)$/;

const handlerOf = (method, id) => {
  if (id !== undefined) {
    return method === "GET" ? get : undefined;
  }
  return { GET: list, POST: create }[method];
};

const serve = async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const [, id] = ITEM.exec(url.pathname) ?? [];
  const known = id !== undefined || url.pathname === "/items";
  const handler = known ? handlerOf(request.method, id) : undefined;
  if (!handler) {
    response.writeHead(404, { "Content-Type": "application/json" }).end('{"message":"Not Found"}');
    return;
  }
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  const { statusCode, headers, body } = await handler({
    version: "2.0",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: request.headers,
    queryStringParameters: url.search ? Object.fromEntries(url.searchParams) : undefined,
    pathParameters: id === undefined ? undefined : { id: decodeURIComponent(id) },
    requestContext: { http: { method: request.method, path: url.pathname } },
    body: chunks.length ? Buffer.concat(chunks).toString() : undefined,
    isBase64Encoded: false,
  });
  response.writeHead(statusCode, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
};

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log("listening on", server.address());
});
process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
