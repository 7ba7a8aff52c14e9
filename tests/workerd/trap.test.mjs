// A module that traps costs the requests that still wait for its decisions, and nothing else. No input makes the module trap,
// so the shipped one is given a door for it: with the method DELETE, `start` runs into `unreachable`.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import binaryen from "binaryen";

import { passing, snapshot } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { WASM, wasm, Worker } from "./lib/worker.mjs";

const worker = new Worker();
let upstream;
let url;

before(async () => {
  upstream = await new Upstream().start();
  url = await worker.start({ snapshot: snapshot({ plain: passing(upstream.url) }), modules: { [WASM]: trappingOnDelete() } });
});
after(async () => {
  upstream.stop();
  await worker.stop();
});

const send = (path, method = "GET") => fetch(new URL(`/-/plain${path}`, url), { method });

test("a trap loses neither streams nor the next request", async () => {
  const release = upstream.hold();
  const stream = await send("/events/3/1");
  const reader = stream.body.getReader();
  const first = await reader.read();
  assert.equal(Buffer.from(first.value).toString(), "data: 0\n\n");
  const waiting = send("/slow/300");
  while (!upstream.calls.some(({ path }) => path === "/slow/300")) await new Promise(setImmediate);

  const trapped = await send("/echo", "DELETE");
  assert.equal(trapped.status, 500);
  assert.equal((await trapped.json()).error.code, "internal_error");
  assert.deepEqual(["cache-control", "x-content-type-options"].map((name) => trapped.headers.get(name)), ["no-store", "nosniff"]);

  // It waited for an answer of the upstream's, and there is no longer anybody to decide what becomes of that.
  const lost = await waiting;
  assert.equal(lost.status, 503);
  assert.equal(lost.headers.get("x-should-retry"), "true");

  const next = await send("/echo");
  assert.equal(next.status, 200);
  await next.arrayBuffer();

  release();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += Buffer.from(part.value).toString();
  assert.equal(rest, "data: 1\n\ndata: 2\n\n");
});

test("the reason is logged, and not told", async () => {
  const response = await send("/echo", "DELETE");
  assert.doesNotMatch(await response.text(), /unreachable|trap/i);
  assert.match((await worker.logs()).join("\n"), /the instance trapped: RuntimeError: unreachable/);
});

function trappingOnDelete() {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(binaryen.Features.All);
  const { i32, f64 } = binaryen;
  const inner = (name) => binaryen.getExportInfo(module.getExport(name)).value;
  const method = module.i32.load8_u(0, 1, module.call(inner("input"), [module.i32.const(0)], i32));
  const start = module.call(inner("start"), [module.local.get(0, i32), module.local.get(1, f64)], i32);
  const isDelete = module.i32.eq(method, module.i32.const("D".charCodeAt(0)));
  module.addFunction("guarded", binaryen.createType([i32, f64]), i32, [], module.if(isDelete, module.unreachable(), start));
  module.removeExport("start");
  module.addFunctionExport("guarded", "start");
  return Buffer.from(module.emitBinary());
}
