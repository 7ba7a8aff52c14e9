// The built Worker under a real workerd, by Miniflare's API.
import { readFile } from "node:fs/promises";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const ROOT = new URL("../../../", import.meta.url);
const SHIM = "adapters/cloudflare/worker/";
const FILES = ["index.js", "serve.js", "commands.js", "headers.js", "body.js", "instance.js", "counter.js"];

/** The settings of wrangler.toml that the runtime sees. */
const COMPATIBILITY_DATE = "2026-11-01";
const COMPATIBILITY_FLAGS = ["enable_request_signal", "request_signal_passthrough"];

export const WASM = "target/postern/worker/postern.wasm";

const shim = await Promise.all(FILES.map(async (name) => esModule(SHIM + name, await readFile(new URL(SHIM + name, ROOT), "utf8"))));
export const wasm = await readFile(new URL(WASM, ROOT));

/** A second Worker of the same process. What it logs comes after everything that was logged before it was asked. */
const MARKER = {
  name: "marker",
  modules: [esModule("marker.js", "export default { fetch: (request) => (console.log(request.url), new Response()) }")],
  compatibilityDate: COMPATIBILITY_DATE,
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
};

export class Worker {
  /** A KV namespace and Durable Objects belong to one start, by this number in their names. */
  #starts = 0;
  #lines = [];
  #miniflare;

  /**
   * Starts the Worker, or starts it again with empty stores. `snapshot` is an object, `kv` holds values by key, `bindings` text
   * by name. For tests of the shim itself, `modules` replaces contents by path, `entry` is another main module beside index.js,
   * and `extra` holds modules for it.
   */
  async start({ snapshot, kv = {}, bindings = {}, modules = {}, entry, extra = {} }) {
    this.#starts += 1;
    this.#lines = [];
    const worker = {
      name: `postern-${this.#starts}`,
      modules: [...mainAnd(entry, extra), ...bundle(snapshot, modules)],
      compatibilityDate: COMPATIBILITY_DATE,
      compatibilityFlags: COMPATIBILITY_FLAGS,
      bindings,
      kvNamespaces: { POSTERN: `kv-${this.#starts}` },
      durableObjects: { POSTERN_COUNTER: { className: "PosternCounter", useSQLite: true } },
      // Without Miniflare's own entry in between, a connection that ends is one that the Worker's own socket sees.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    };
    const options = convertV4MiniflareOptions({
      workers: [worker, MARKER],
      modulesRoot: "/",
      cf: false,
      handleStructuredLogs: ({ message }) => this.#lines.push(message),
    });
    if (this.#miniflare === undefined) this.#miniflare = new Miniflare(options);
    else await this.#miniflare.setOptions(options);
    this.url = await this.#miniflare.unsafeGetDirectURL(worker.name);
    const entries = Object.entries(kv);
    if (entries.length > 0) {
      const namespace = await this.#namespace();
      await Promise.all(entries.map(([key, value]) => namespace.put(key, value)));
    }
    return this.url;
  }

  /** Everything that was logged since the start. */
  async logs() {
    const mark = new URL(`/${crypto.randomUUID()}`, await this.#miniflare.unsafeGetDirectURL(MARKER.name)).href;
    await (await fetch(mark)).arrayBuffer();
    while (!this.#lines.includes(mark)) await new Promise((resolve) => setTimeout(resolve, 1));
    this.#lines.splice(this.#lines.indexOf(mark), 1);
    return [...this.#lines];
  }

  /** Everything in KV, as ArrayBuffers by key. */
  async kv() {
    const namespace = await this.#namespace();
    const values = {};
    let cursor;
    do {
      const page = await namespace.list({ cursor });
      for (const { name } of page.keys) values[name] = await namespace.get(name, "arrayBuffer");
      cursor = page.cursor;
    } while (cursor);
    return values;
  }

  async stop() {
    await this.#miniflare?.dispose();
    this.#miniflare = undefined;
  }

  #namespace() {
    return this.#miniflare.getKVNamespace("POSTERN", `postern-${this.#starts}`);
  }
}

function bundle(snapshot, replaced) {
  const modules = [
    ...shim,
    { type: "Data", path: "target/postern/snapshot.json", contents: Buffer.from(JSON.stringify(snapshot)) },
    { type: "CompiledWasm", path: WASM, contents: wasm },
  ];
  return modules.map((module) => ({ ...module, contents: replaced[module.path] ?? module.contents }));
}

/** The first module is the main one. */
function mainAnd(entry, extra) {
  const modules = Object.entries(extra).map(([name, contents]) => esModule(SHIM + name, contents));
  return entry === undefined ? modules : [esModule(`${SHIM}entry.js`, entry), ...modules];
}

function esModule(path, contents) {
  return { type: "ESModule", path, contents };
}
