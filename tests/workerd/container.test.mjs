// Containers: the way from a configuration to one, with a stand-in for the runtime's `container`. What runs an image needs Docker, and
// is not tried here.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";

import { snapshot } from "./lib/snapshot.mjs";
import { CONTAINERS, Worker } from "./lib/worker.mjs";

const worker = new Worker();
after(() => worker.stop());

const ID = createHash("sha256").update("boxed.default/").digest("hex").slice(0, 8);
const boxed = { upstream: { container: { image: "app:1", port: 8080, command: ["/app"], env: [{ name: "MODE", value: "live" }] } } };

/** Listens at the third look, and ends when it is asked to. */
const CLASS = `
  import { PosternContainer } from "../../adapters/cloudflare/worker/container.js";
  class Fake {
    running = false;
    looks = 0;
    start(options) { this.running = true; this.started = options; }
    monitor() { return new Promise((resolve) => (this.ended = resolve)); }
    getTcpPort(port) {
      return {
        fetch: async (input, init) => {
          const request = new Request(input, init);
          this.looks += 1;
          if (this.looks < 3) throw new Error("the container is not listening");
          const { pathname, search } = new URL(request.url);
          const headers = Object.fromEntries(request.headers);
          if (pathname === "/end") { this.running = false; this.looks = 0; this.ended(); }
          return Response.json({ port, path: pathname + search, method: request.method, headers, body: await request.text(), started: this.started });
        },
      };
    }
  }
  export class Boxed extends PosternContainer {
    #fake = new Fake();
    get container() { return this.#fake; }
  }
  export { PosternContainer };`;

const EXPORTS = { [CONTAINERS]: CLASS };

async function ask(url, path, options = {}) {
  const response = await fetch(new URL(`/-/boxed${path}`, url), options);
  return { status: response.status, body: await response.json() };
}

test("a request starts the container, waits until it listens, and passes whole", async () => {
  const url = await worker.start({ snapshot: snapshot({ boxed }), modules: EXPORTS, objects: { [`POSTERN_CONTAINER_${ID.toUpperCase()}`]: "Boxed" } });
  const { status, body } = await ask(url, "/chat?a=1", { method: "POST", body: "hello", headers: { "x-own": "1" } });
  assert.equal(status, 200);
  assert.deepEqual([body.port, body.path, body.method, body.body, body.headers["x-own"]], [8080, "/chat?a=1", "POST", "hello", "1"]);
  assert.deepEqual(body.started, { env: { MODE: "live" }, enableInternet: true, entrypoint: ["/app"] });
  assert.ok(!Object.keys(body.headers).some((name) => name.startsWith("postern-")), "how it is started is not for the container");
  // One that has ended is started again.
  assert.equal((await ask(url, "/end")).status, 200);
  assert.equal((await ask(url, "/again")).body.path, "/again");
});

test("a deployment without the container answers 501 and says why in the log", async () => {
  const url = await worker.start({ snapshot: snapshot({ boxed }) });
  const { status, body } = await ask(url, "/");
  assert.deepEqual([status, body.error.code], [501, "not_implemented"]);
  const entry = (await worker.logs()).map((line) => JSON.parse(line)).find((line) => line.kind === "AccessLog");
  assert.match(entry.entry.common.error.detail, /POSTERN_CONTAINER_.*postern build --for cloudflare/);
});

test("a Durable Object without a container is an upstream that cannot be reached", async () => {
  const modules = { [CONTAINERS]: `export { PosternContainer as Boxed } from "../../adapters/cloudflare/worker/container.js";` };
  const url = await worker.start({ snapshot: snapshot({ boxed }), modules, objects: { [`POSTERN_CONTAINER_${ID.toUpperCase()}`]: "Boxed" } });
  const { status, body } = await ask(url, "/");
  assert.deepEqual([status, body.error.code], [502, "upstream_unreachable"]);
});
