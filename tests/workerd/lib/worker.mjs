// The built Worker under a real workerd, by Miniflare's API.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { text } from "node:stream/consumers";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const ROOT = new URL("../../../", import.meta.url);
const SHIM = "adapters/cloudflare/worker/";
const FILES = ["index.js", "serve.js", "commands.js", "headers.js", "body.js", "cache.js", "instance.js", "counter.js", "running.js", "container.js"];

/** What `postern build` writes for a configuration without containers. */
export const CONTAINERS = "target/postern/containers.js";

/** The settings of wrangler.toml that the runtime sees. */
const COMPATIBILITY_DATE = "2026-10-01";
const COMPATIBILITY_FLAGS = ["enable_request_signal", "request_signal_passthrough"];

export const WASM = "target/postern/worker/postern.wasm";

const shim = await Promise.all(FILES.map(async (name) => esModule(SHIM + name, await readFile(new URL(SHIM + name, ROOT), "utf8"))));
const side = [esModule("side.js", await readFile(new URL("side.js", import.meta.url), "utf8"))];
export const wasm = await readFile(new URL(WASM, ROOT));

export class Worker {
  /** A KV namespace and Durable Objects belong to one start, by this number in their names. */
  #starts = 0;
  #lines = [];
  #miniflare;
  #side;

  /**
   * Starts the Worker, or starts it again with empty stores. `snapshot` is an object, `kv` holds values in base64 by key,
   * `bindings` text by name; without `counters` there are none. For tests of the shim itself, `modules` replaces contents by path, `entry` is another main module
   * beside index.js, `extra` holds modules for it, and `objects` are further Durable Object classes by binding.
   */
  async start({ snapshot, kv = {}, bindings = {}, counters = true, modules = {}, entry, extra = {}, objects = {} }) {
    this.#starts += 1;
    this.#lines = [];
    const kvNamespaces = { POSTERN: `kv-${this.#starts}` };
    // Without Miniflare's own entry in between, a connection that ends is one that the Worker's own socket sees.
    const unsafeDirectSockets = [{ host: "127.0.0.1", port: 0 }];
    const worker = {
      name: `postern-${this.#starts}`,
      modules: [...mainAnd(entry, extra), ...bundle(snapshot, modules)],
      compatibilityDate: COMPATIBILITY_DATE,
      compatibilityFlags: COMPATIBILITY_FLAGS,
      bindings,
      kvNamespaces,
      durableObjects: Object.fromEntries(
        Object.entries({ ...(counters ? { POSTERN_COUNTER: "PosternCounter" } : {}), ...objects }).map(([name, className]) => [name, { className, useSQLite: true }]),
      ),
      unsafeDirectSockets,
    };
    const beside = { name: "side", modules: side, compatibilityDate: COMPATIBILITY_DATE, kvNamespaces, unsafeDirectSockets };
    const options = convertV4MiniflareOptions({
      workers: [worker, beside],
      modulesRoot: "/",
      cf: false,
      handleStructuredLogs: ({ message }) => this.#lines.push(message),
    });
    if (this.#miniflare === undefined) this.#miniflare = new Miniflare(options);
    else await this.#miniflare.setOptions(options);
    this.url = await this.#miniflare.unsafeGetDirectURL(worker.name);
    this.#side = await this.#miniflare.unsafeGetDirectURL(beside.name);
    if (Object.keys(kv).length > 0) await this.#ask("PUT", JSON.stringify(kv));
    return this.url;
  }

  /** Everything that was logged since the start. */
  async logs() {
    const mark = crypto.randomUUID();
    await this.#ask("POST", mark);
    while (!this.#lines.includes(mark)) await new Promise((resolve) => setTimeout(resolve, 1));
    this.#lines.splice(this.#lines.indexOf(mark), 1);
    return [...this.#lines];
  }

  /** Everything in KV: base64 by key. */
  async kv() {
    return JSON.parse(await this.#ask("GET"));
  }

  async stop() {
    await this.#miniflare?.dispose();
    this.#miniflare = undefined;
  }

  /** On a connection of its own: one that is kept would be dead after the next start. */
  async #ask(method, body) {
    const [response] = await once(request(this.#side, { method, agent: false }).end(body), "response");
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(answer);
    return answer;
  }
}

function bundle(snapshot, replaced) {
  const modules = [
    ...shim,
    esModule(CONTAINERS, "export {};"),
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
