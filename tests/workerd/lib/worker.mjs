// The built Worker under a real workerd, by Miniflare's API.
import { readFile } from "node:fs/promises";

import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const ROOT = new URL("../../../", import.meta.url);
const SHIM = "adapters/cloudflare/worker/";
const FILES = ["index.js", "serve.js", "commands.js", "body.js", "instance.js", "counter.js"];

/** The settings of wrangler.toml that the runtime sees. */
const COMPATIBILITY_DATE = "2026-11-01";
const COMPATIBILITY_FLAGS = ["enable_request_signal", "request_signal_passthrough"];

const shim = await Promise.all(FILES.map(async (name) => esModule(SHIM + name, await readFile(new URL(SHIM + name, ROOT), "utf8"))));
const wasm = await readFile(new URL("target/postern/worker/postern.wasm", ROOT));

export class Worker {
  lines = [];
  #miniflare;

  /** `snapshot` is an object, `bindings` are text by name. `modules` replaces modules by path, for tests of the shim itself. */
  async start({ snapshot, bindings = {}, modules = {} }) {
    this.lines = [];
    const options = convertV4MiniflareOptions({
      modules: bundle(snapshot, modules),
      modulesRoot: "/",
      compatibilityDate: COMPATIBILITY_DATE,
      compatibilityFlags: COMPATIBILITY_FLAGS,
      bindings,
      kvNamespaces: ["POSTERN"],
      durableObjects: { POSTERN_COUNTER: { className: "PosternCounter", useSQLite: true } },
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      cf: false,
      handleStructuredLogs: ({ message }) => this.lines.push(message),
    });
    if (this.#miniflare === undefined) this.#miniflare = new Miniflare(options);
    else await this.#miniflare.setOptions(options);
    this.url = await this.#miniflare.unsafeGetDirectURL();
    return this.url;
  }

  get kv() {
    return this.#miniflare.getKVNamespace("POSTERN");
  }

  async stop() {
    await this.#miniflare?.dispose();
    this.#miniflare = undefined;
  }
}

function bundle(snapshot, replaced) {
  const modules = [
    ...shim,
    { type: "Data", path: "target/postern/snapshot.json", contents: Buffer.from(JSON.stringify(snapshot)) },
    { type: "CompiledWasm", path: "target/postern/worker/postern.wasm", contents: wasm },
  ];
  return modules.map((module) => ({ ...module, contents: replaced[module.path] ?? module.contents }));
}

function esModule(path, contents) {
  return { type: "ESModule", path, contents };
}
