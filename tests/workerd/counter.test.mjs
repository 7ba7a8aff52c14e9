// The Durable Object by itself, called as commands.js calls it.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { snapshot } from "./lib/snapshot.mjs";
import { Worker } from "./lib/worker.mjs";

const ENTRY = `
  import { PosternCounter as Counter } from "./counter.js";
  export class PosternCounter extends Counter {
    tables() {
      return this.ctx.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('attempt', 'counter')").toArray().length;
    }
  }
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

/** What an attempt saw: the time, and attempts by number of span. */
function seen(text) {
  const [at, ...rest] = text.split(" ").map(Number);
  const spans = new Map();
  for (let i = 0; i < rest.length; i += 2) spans.set(rest[i], rest[i + 1]);
  return { at, spans, total: [...spans.values()].reduce((sum, value) => sum + value, 0) };
}

test("200 attempts in parallel see 200 different totals, so that any limit admits as many", async () => {
  const call = await start();
  const attempts = await Promise.all(Array.from({ length: 200 }, () => call("count", "limit", 5000)));
  const totals = attempts.map((text) => seen(text).total);
  assert.deepEqual(totals.sort((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i + 1));
});

test("an attempt sees its own span and the ten before", async () => {
  const call = await start();
  const span = 40;
  const first = seen(await call("count", "limit", span));
  assert.deepEqual([...first.spans], [[Math.floor(first.at / span), 1]]);
  let last = first;
  while (last.at < first.at + 12 * span) {
    await sleep(15);
    last = seen(await call("count", "limit", span));
    const numbers = [...last.spans.keys()];
    assert.equal(numbers.at(-1), Math.floor(last.at / span));
    assert.ok(numbers[0] >= numbers.at(-1) - 10, `${numbers}`);
  }
  assert.ok(!last.spans.has(Math.floor(first.at / span)));
  assert.equal(seen(await call("count", "other", span)).total, 1);
});

test("an alarm gives back the storage of attempts that are over, and the object can be used again", async () => {
  const call = await start();
  await call("count", "limit", 20);
  assert.equal(await call("tables", "limit"), 2);
  while ((await call("tables", "limit")) > 0) await sleep(50);
  assert.equal(seen(await call("count", "limit", 20)).total, 1);
});
