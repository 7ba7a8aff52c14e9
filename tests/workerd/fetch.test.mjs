// What `fetch` and `Response` cannot do becomes an answer, and nothing else is sent in its place.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { passing, snapshot } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { Worker } from "./lib/worker.mjs";

const worker = new Worker();
let upstream;
let url;

before(async () => {
  upstream = await new Upstream().start();
  const turned = { name: "turned", condition: { matchAny: true }, transform: { request: { headers: { ":method": { text: "GET" } } } } };
  const services = { plain: passing(upstream.url), turned: { ...passing(upstream.url), http: { plugins: [turned] } } };
  url = await worker.start({ snapshot: snapshot(services) });
});
after(async () => {
  upstream.stop();
  await worker.stop();
});

const send = (path, init) => fetch(new URL(`/-/${path}`, url), init);

test("a body is never sent with another method than the client's", async () => {
  const refused = await send("turned/echo", { method: "DELETE", body: "mine" });
  assert.equal(refused.status, 400);
  assert.deepEqual(upstream.calls, []);

  const turned = await send("turned/echo", { method: "DELETE" });
  assert.equal(turned.status, 200);
  assert.equal((await turned.json()).method, "GET");
});

test("a status that no response can have is the upstream's fault", async () => {
  for (const [status, expected] of [[599, 599], [600, 502], [999, 502]]) {
    const response = await send(`plain/status/${status}`);
    assert.equal(response.status, expected, `${status}`);
    await response.arrayBuffer();
  }
});
