// The target `workerd` of the conformance suite: JSON lines in, JSON lines out, one Worker at a time.
//   {"start": {"snapshot": {…}, "kv": {key: base64}, "bindings": {name: text}, "counters": bool}}  ->  {"url": "http://127.0.0.1:PORT"}
//   {"logs": true}  ->  {"logs": [line, …]}, everything since the start
//   {"kv": true}    ->  {"kv": {key: base64}}
//   {"stop": true}  ->  {"stopped": true}, and the process ends
// What fails is answered {"error": text}.
import { createInterface } from "node:readline";

import { Worker } from "./lib/worker.mjs";

/** Stands in for Cloudflare's edge, which sets this header itself whatever the client sent. */
const EDGE = `
  import worker from "./index.js";
  export { PosternCounter } from "./index.js";
  export default {
    fetch(request, env, ctx) {
      const arrived = new Request(request);
      arrived.headers.set("cf-connecting-ip", "127.0.0.1");
      return worker.fetch(arrived, env, ctx);
    },
  };`;

const worker = new Worker();

const requests = {
  async start({ snapshot, kv, bindings, counters }) {
    const url = await worker.start({ snapshot, kv, bindings, counters, entry: EDGE });
    return { url: url.origin };
  },
  async logs() {
    return { logs: await worker.logs() };
  },
  async kv() {
    return { kv: await worker.kv() };
  },
  async stop() {
    await worker.stop();
    return { stopped: true };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await handle(line).catch((error) => ({ error: String(error?.stack ?? error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (answer.stopped) break;
}
await worker.stop();
process.exit();

async function handle(line) {
  const request = JSON.parse(line);
  const name = Object.keys(requests).find((key) => key in request);
  if (name === undefined) throw new Error(`none of ${Object.keys(requests).join(", ")}`);
  return requests[name](request[name]);
}
