// Streams pass by the module.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { asking, passing, reading, snapshot, watching } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { Worker } from "./lib/worker.mjs";

// Counts the calls from JavaScript to WebAssembly and back, and the bytes that the module is given.
const ENTRY = `
  import "./count.js";
  import * as worker from "./index.js";
  export { PosternCounter } from "./index.js";
  export default {
    fetch(request, env, ctx) {
      if (!request.url.endsWith("/counts")) return worker.default.fetch(request, env, ctx);
      const counts = globalThis.counts;
      globalThis.counts = {};
      return Response.json(counts);
    },
  };`;
const COUNT = `
  globalThis.counts = {};
  const { Instance } = WebAssembly;
  const counted = (functions) => Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, counting(name, value)]));
  const counting = (name, value) =>
    typeof value !== "function" ? value : (...args) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return value(...args);
    };
  WebAssembly.Instance = function (module, { shim }) {
    return { exports: counted(new Instance(module, { shim: counted(shim) }).exports) };
  };`;

const worker = new Worker();
let upstream;
let url;

before(async () => {
  upstream = await new Upstream().start();
  const { url: to } = upstream;
  const services = snapshot({ plain: passing(to), provider: asking(to), read: reading(to), watched: watching(to) });
  url = await worker.start({ snapshot: services, entry: ENTRY, extra: { "count.js": COUNT } });
});
after(async () => {
  upstream.stop();
  await worker.stop();
});

const send = (path, init) => fetch(new URL(path, url), init);
const counts = async () => (await send("/counts")).json();

for (const service of ["plain", "provider", "watched"]) {
  test(`${service}: the first event arrives while the upstream still waits`, async () => {
    const release = upstream.hold();
    const response = await send(`/-/${service}/events/2/0`, { headers: { "x-path": "/events/2/0" } });
    const reader = response.body.getReader();
    const { value } = await reader.read();
    assert.equal(Buffer.from(value).toString(), "data: 0\n\n");
    release();
    while (!(await reader.read()).done);
  });
}

test("a provider's stream that breaks off ends in an error event, and the log says which one it was", async () => {
  const response = await send("/-/provider/", { headers: { "x-path": "/cut/2" } });
  assert.match(await response.text(), /^data: 0\n\ndata: 1\n\n\n\ndata: \{"error":\{"message":"[^"]+",[^\n]+\}\}\n\n$/);
  const said = (await worker.logs()).map((line) => JSON.parse(line)).filter((line) => line.kind === "ComponentLog");
  const id = response.headers.get("x-request-id");
  assert.deepEqual(said.map(({ message }) => message), [`the response of ${id} broke off: Error: Network connection lost.`]);
});

test("a watched response is the same, with and without a body, compressed or not", async () => {
  for (const path of ["/echo", "/gzip"]) {
    const [plain, watched] = await Promise.all(["plain", "watched"].map((service) => send(`/-/${service}${path}`)));
    assert.equal(watched.status, 200);
    assert.equal(watched.headers.get("content-encoding"), plain.headers.get("content-encoding"));
    assert.equal(await watched.text(), await plain.text());
    const head = await send(`/-/watched${path}`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
  }
});

test("a request costs two calls of the module, one more where its body is read, however long its stream is", async () => {
  const post = { method: "POST", body: '{"model":"m"}', headers: { "content-type": "application/json" } };
  // The first request of each makes room for the messages.
  await (await send("/-/plain/echo", post)).arrayBuffer();
  await (await send("/-/read/echo", post)).arrayBuffer();
  for (const [path, expected] of [
    ["/-/plain/echo", { start: 1, resume: 1, random: 1 }],
    ["/-/read/echo", { start: 1, resume: 2, random: 1 }],
    ["/-/read/events/100/0", { start: 1, resume: 2, random: 1 }],
  ]) {
    await counts();
    await (await send(path, post)).arrayBuffer();
    assert.deepEqual(await counts(), expected, path);
  }
});
