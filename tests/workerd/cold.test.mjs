// An isolate that has never served gets everything at once.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { passing, reading, snapshot } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { Worker } from "./lib/worker.mjs";

const worker = new Worker();
let upstream;

before(async () => (upstream = await new Upstream().start()));
after(async () => {
  upstream.stop();
  await worker.stop();
});

test("50 cold requests with bodies, in parallel", async () => {
  const url = await worker.start({ snapshot: snapshot({ plain: passing(upstream.url), read: reading(upstream.url) }) });
  const requests = Array.from({ length: 50 }, async (_, i) => {
    const body = JSON.stringify({ model: `m${i}`, text: randomBytes(1 + i * 700).toString("hex") });
    const headers = { "content-type": "application/json" };
    const response = await fetch(new URL(`/-/${i % 2 ? "plain" : "read"}/echo/${i}`, url), { method: "POST", headers, body });
    assert.equal(response.status, 200);
    const seen = await response.json();
    assert.equal(seen.url, `/echo/${i}`);
    assert.equal(Buffer.from(seen.body, "base64").toString(), body);
  });
  await Promise.all(requests);
});
