// An upgrade passes through, and the messages after it never meet the module.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";

import { WebSocket, WebSocketServer } from "ws";

import { passing, snapshot } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { Worker } from "./lib/worker.mjs";

const worker = new Worker();
let upstream;
let server;

before(async () => {
  upstream = await new Upstream().start();
  server = new WebSocketServer({ server: upstream.server });
  server.on("connection", (socket) => socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })));
});
after(async () => {
  server.close();
  upstream.stop();
  await worker.stop();
});

test("text, binary, subprotocol and close codes", async () => {
  const url = await worker.start({ snapshot: snapshot({ plain: passing(upstream.url) }) });
  const client = new WebSocket(`ws://${url.host}/-/plain/socket`, ["chat"]);
  const [connection] = await Promise.all([once(server, "connection"), once(client, "open")]);
  assert.equal(client.protocol, "chat");
  for (const [sent, isBinary] of [["text ü", false], [Buffer.from([0, 255]), true]]) {
    client.send(sent);
    const [data, binary] = await once(client, "message");
    assert.deepEqual([data, binary], [Buffer.from(sent), isBinary]);
  }
  client.close(4001, "done");
  const [code, reason] = await once(connection[0], "close");
  assert.deepEqual([code, reason.toString()], [4001, "done"]);
});
