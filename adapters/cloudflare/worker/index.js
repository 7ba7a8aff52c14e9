// The Worker's entry: wrangler.toml names this file, and the build puts the modules at target/postern.
import { env } from "cloudflare:workers";

import snapshot from "../../../target/postern/snapshot.json";
import module from "../../../target/postern/worker/postern.wasm";
import { Supply } from "./instance.js";
import { serve } from "./serve.js";

export { PosternCounter } from "./counter.js";
// The classes of the configuration's containers, if it has any: `postern build --for cloudflare` writes them.
export * from "../../../target/postern/containers.js";

const supply = new Supply(module, snapshot, env);

export default {
  fetch: (request, env, ctx) => serve(supply, request, env, ctx),
};
