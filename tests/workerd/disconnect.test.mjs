// What becomes of the call to the upstream when the client goes away. docs/cloudflare.md has the whole table; here is what can
// be relied on.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { asking, passing, reading, snapshot, watching } from "./lib/snapshot.mjs";
import { Upstream } from "./lib/upstream.mjs";
import { Worker } from "./lib/worker.mjs";

const worker = new Worker();
let upstream;
let url;

before(async () => {
  upstream = await new Upstream().start();
  const { url: to } = upstream;
  url = await worker.start({ snapshot: snapshot({ plain: passing(to), provider: asking(to), read: reading(to), watched: watching(to) }) });
});
after(async () => {
  upstream.stop();
  await worker.stop();
});

const RST = (socket) => socket.resetAndDestroy();
const FIN = (socket) => socket.destroy();

const SERVICES = ["plain", "provider", "read", "watched"];

for (const service of SERVICES) {
  for (const [name, leave, path, midStream] of [
    ["a reset before the first byte", RST, "/slow/20000", false],
    ["a reset in mid-stream", RST, "/events/400/50", true],
    ["a close in mid-stream", FIN, "/events/400/50", true],
  ]) {
    test(`${service}: ${name} aborts the upstream call`, async () => {
      const socket = connect(Number(url.port), "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      const body = '{"model":"m"}';
      socket.write(`POST /-/${service}${path} HTTP/1.1\r\nhost: localhost\r\nx-path: ${path}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      const call = await until(() => upstream.calls.find((call) => call.path === path && call.state === "open"));
      if (midStream) await once(socket, "data");
      leave(socket);
      await until(() => call.state !== "open");
      assert.equal(call.state, "aborted");
    });
  }
}

test("a client that went away before the first byte is in the log", async () => {
  const entries = await until(async () => {
    const lines = (await worker.logs()).map((line) => JSON.parse(line));
    const closed = lines.filter((line) => line.entry.info.http.response.code === 499);
    return closed.length === SERVICES.length && closed;
  });
  assert.deepEqual(entries.map(({ entry }) => entry.info.http.request.path), SERVICES.map((service) => `/-/${service}/slow/20000`));
});

async function until(condition) {
  for (;;) {
    const result = await condition();
    if (result) return result;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
