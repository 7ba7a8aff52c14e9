// Starts the module of bench/workerd-passthrough, and hands each request to it.
import module from "./passthrough.wasm";
import { forward, initSync } from "./passthrough.js";

initSync({ module });

export default {
  fetch: (request, env) => forward(request, env.UPSTREAM),
};
