// What a task may ask for, and how each is done. The kinds and layouts are those of src/command.rs, the codes those of
// src/message.rs. Every answer is [code, payload]; nothing here throws.
import { readAll, TooLarge, Unsendable } from "./body.js";
import * as cache from "./cache.js";
import { lines } from "./headers.js";
import { withStart } from "./running.js";

export const Kind = Object.freeze({
  DONE: 0,
  FAILED: 1,
  READ: 2,
  FETCH: 3,
  KV_GET: 4,
  KV_PUT: 5,
  KV_DELETE: 6,
  COUNTER_INCREMENT: 7,
  COUNTER_REMOVE: 8,
  SECRET_GET: 9,
  COUNTER_COUNT: 10,
  SLEEP: 11,
  CACHE_GET: 12,
  CACHE_COPY: 13,
  CACHE_PUT: 14,
  CONTAINER: 15,
  NEXT: 16,
  RESPOND: 17,
  CHUNK: 18,
});

/** How long a store may take, in ms. */
const KV_TIMEOUT = 5000;
const COUNTER_TIMEOUT = 1000;
const CACHE_TIMEOUT = 1000;

/** How long KV may serve a value from the cache of a location, in seconds: the least that KV accepts. */
const CACHE_TTL = 30;

const OK = [0, ""];

/** Does what the command says, for an exchange; resolves to the task's answer. */
export async function perform(exchange, command) {
  try {
    return await actions[command.kind](exchange, command);
  } catch (error) {
    if (error instanceof TooLarge) return [1, ""];
    return error instanceof Late ? [3, error.message] : [2, String(error)];
  }
}

const actions = {
  async [Kind.READ](exchange, { first: handle, second: limit }) {
    const buffer = exchange.buffers.get(handle) ?? (await readAll(exchange.message(handle), limit));
    exchange.buffers.set(handle, buffer);
    return [0, buffer];
  },

  async [Kind.NEXT](exchange, { first: handle, second: timeout }) {
    const read = exchange.reader(handle).read();
    const { done, value } = await (timeout > 0 ? within(timeout, read) : read);
    return done ? [4, ""] : [0, value];
  },

  [Kind.FETCH]: (exchange, command) => exchangeWith(fetch, exchange, command),

  async [Kind.KV_GET]({ env }, { text: key }) {
    const value = await within(KV_TIMEOUT, store(env).get(key, { type: "arrayBuffer", cacheTtl: CACHE_TTL }));
    return value === null ? [1, ""] : [0, value];
  },

  async [Kind.KV_PUT]({ env }, { text: key, bytes, first: expiry }) {
    await within(KV_TIMEOUT, store(env).put(key, bytes ?? new Uint8Array(), expiry > 0 ? { expirationTtl: expiry } : {}));
    return OK;
  },

  async [Kind.KV_DELETE]({ env }, { text: key }) {
    await within(KV_TIMEOUT, store(env).delete(key));
    return OK;
  },

  async [Kind.COUNTER_INCREMENT]({ env }, { text }) {
    const [key, by, expiresAt] = text.split("\n");
    return [0, await within(COUNTER_TIMEOUT, counter(env, seriesOf(key)).increment(key, by, expiresAt))];
  },

  async [Kind.COUNTER_REMOVE]({ env }, { text: key }) {
    await within(COUNTER_TIMEOUT, counter(env, seriesOf(key)).remove(key));
    return OK;
  },

  async [Kind.COUNTER_COUNT]({ env }, { text }) {
    const [series, span] = text.split("\n");
    return [0, await within(COUNTER_TIMEOUT, counter(env, series).count(Number(span)))];
  },

  /** A binding is a string, or an entry of a Secrets Store. */
  async [Kind.SECRET_GET]({ env }, { text: name }) {
    const binding = env[name];
    if (typeof binding === "string") return [0, binding];
    if (typeof binding?.get === "function") return [0, await within(KV_TIMEOUT, binding.get())];
    return [1, ""];
  },

  /** `postern build --for cloudflare` writes the binding; a deployment without it is older than its configuration. */
  async [Kind.CONTAINER](exchange, command) {
    const [id, instance, start, ...call] = command.text.split("\n");
    const binding = `POSTERN_CONTAINER_${id.toUpperCase()}`;
    const namespace = exchange.env[binding];
    if (namespace === undefined) return [5, `there is no Durable Object binding ${binding}: run \`postern build --for cloudflare\``];
    const send = (url, init) => namespace.getByName(instance).fetch(withStart(new Request(url, init), start));
    return exchangeWith(send, exchange, { ...command, text: call.join("\n") });
  },

  /** A client that goes away ends the wait, as it ends a fetch. */
  async [Kind.SLEEP]({ signal }, { first: milliseconds }) {
    await scheduler.wait(milliseconds, { signal });
    return OK;
  },

  async [Kind.CACHE_GET](exchange, { text: key, first: handle }) {
    const head = await within(CACHE_TIMEOUT, cache.match(exchange, key, handle));
    return head === undefined ? [1, ""] : [0, head];
  },

  async [Kind.CACHE_COPY](exchange, { first: handle, second: number }) {
    cache.copy(exchange, handle, number);
    return OK;
  },

  /** Takes as long as the body does. */
  async [Kind.CACHE_PUT](exchange, { text, bytes, first: handle, second: most }) {
    const [key, seconds, ...head] = text.split("\n");
    const body = handle === 0 ? bytes : exchange.responses.get(handle).body;
    await cache.put(key, head.join("\n"), seconds, body ?? null, most);
    return OK;
  },
};

/** Sends what the command describes; resolves to the task's answer. */
async function exchangeWith(send, exchange, command) {
  const { first: handle, second: timeout } = command;
  const limit = timeout > 0 ? new Limit(timeout, exchange.signal) : undefined;
  try {
    const { url, whole, init } = exchange.outgoing(command, limit?.signal ?? exchange.signal);
    const response = await send(url, init);
    exchange.responses.set(handle, response);
    if (whole !== "-") exchange.buffers.set(handle, await readAll(response, Number(whole)));
    return [response.status, lines(response.headers)];
  } catch (error) {
    exchange.forget(handle);
    if (error instanceof Unsendable) return [4, error.message];
    if (error instanceof TooLarge) return [6, ""];
    return limit?.reached ? [3, ""] : [1, String(error)];
  } finally {
    limit?.clear();
  }
}

/** Ends a fetch that has no response in time. Once there is one, its body may take as long as it likes, unless it is read whole. */
class Limit {
  reached = false;
  #timer;

  constructor(milliseconds, client) {
    const controller = new AbortController();
    this.#timer = setTimeout(() => {
      this.reached = true;
      controller.abort();
    }, milliseconds);
    this.signal = client === undefined ? controller.signal : AbortSignal.any([client, controller.signal]);
  }

  clear() {
    clearTimeout(this.#timer);
  }
}

function store(env) {
  if (env.POSTERN === undefined) throw new Error("there is no KV binding POSTERN");
  return env.POSTERN;
}

/** The counters of one series share an object, so that it can count them together and clean up after itself. */
function counter(env, series) {
  if (env.POSTERN_COUNTER === undefined) throw new Error("there is no Durable Object binding POSTERN_COUNTER");
  return env.POSTERN_COUNTER.getByName(series);
}

const seriesOf = (key) => key.slice(0, key.lastIndexOf("/"));

class Late extends Error {}

async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Late("no answer in time")), milliseconds)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
