// The Durable Object by itself, called as commands.js calls it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { snapshot } from "./lib/snapshot.mjs";
import { Worker } from "./lib/worker.mjs";

const ENTRY = `
  export { PosternCounter } from "./counter.js";
  export default {
    async fetch(request, env) {
      const [method, object, ...args] = await request.json();
      return Response.json((await env.POSTERN_COUNTER.getByName(object)[method](...args)) ?? null);
    },
  };`;

const worker = new Worker();
after(() => worker.stop());

async function start() {
  const url = await worker.start({ snapshot: snapshot({}), entry: ENTRY });
  return async (...call) => (await fetch(url, { method: "POST", body: JSON.stringify(call) })).json();
}

const inAnHour = () => String(Date.now() + 3_600_000);

test("200 increments in parallel return 200 different values", async () => {
  const call = await start();
  const values = await Promise.all(Array.from({ length: 200 }, () => call("increment", "limit", "limit/1", "1", inAnHour())));
  assert.deepEqual(values.map(Number).sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i + 1));
});

test("keys are separate, amounts are exact beyond 2^53, and a removed counter starts again", async () => {
  const call = await start();
  assert.equal(await call("increment", "limit", "limit/1", "9007199254740993", inAnHour()), "9007199254740993");
  assert.equal(await call("increment", "limit", "limit/2", "5", inAnHour()), "5");
  assert.equal(await call("increment", "limit", "limit/2", "-2", inAnHour()), "3");
  await call("remove", "limit", "limit/1");
  assert.equal(await call("increment", "limit", "limit/1", "1", inAnHour()), "1");
});

test("an alarm drops what has expired, and the object can be used again", async () => {
  const call = await start();
  const soon = String(Date.now() + 300);
  await call("increment", "limit", "limit/1", "7", soon);
  while ((await call("increment", "limit", "limit/1", "0", soon)) !== "0") await sleep(50);
  assert.equal(await call("increment", "limit", "limit/1", "1", inAnHour()), "1");
});
