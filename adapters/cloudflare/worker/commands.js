// What a task may ask for, and how each is done. The kinds and layouts are those of src/command.rs, the codes those of
// src/message.rs. Every answer is [code, payload]; nothing here throws.
import { readAll, TooLarge, Unsendable } from "./body.js";
import { lines } from "./headers.js";

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
  RESPOND: 10,
  CHUNK: 11,
  FETCH_WHOLE: 12,
});

/** How long a store may take, in ms. */
const KV_TIMEOUT = 5000;
const COUNTER_TIMEOUT = 1000;

/** How long KV may serve a value from the cache of a location, in seconds: the least that KV accepts. */
const CACHE_TTL = 30;

const OK = [0, ""];

/** Whether a command is to be performed, and not for the exchange itself to answer. */
export const isPerformed = ({ kind }) => kind in actions;

/** Does what the command says, for an exchange; resolves to the task's answer. */
export async function perform(exchange, command) {
  try {
    return await actions[command.kind](exchange, command);
  } catch (error) {
    return error instanceof TooLarge ? [1, ""] : [2, String(error)];
  }
}

const actions = {
  async [Kind.READ](exchange, { first: handle, second: limit }) {
    const buffer = await readAll(exchange.message(handle), limit);
    exchange.buffers.set(handle, buffer);
    return [0, buffer];
  },

  async [Kind.FETCH](exchange, command) {
    const limit = limitOf(exchange, command);
    const answer = await send(exchange, command, limit);
    limit?.clear();
    return answer;
  },

  /** The limit ends by itself, or with the exchange. */
  [Kind.FETCH_WHOLE]: (exchange, command) => send(exchange, command, limitOf(exchange, command)),

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
    return [0, await within(COUNTER_TIMEOUT, counter(env, key).increment(key, by, expiresAt))];
  },

  async [Kind.COUNTER_REMOVE]({ env }, { text: key }) {
    await within(COUNTER_TIMEOUT, counter(env, key).remove(key));
    return OK;
  },

  /** A binding is a string, or an entry of a Secrets Store. */
  async [Kind.SECRET_GET]({ env }, { text: name }) {
    const binding = env[name];
    if (typeof binding === "string") return [0, binding];
    if (typeof binding?.get === "function") return [0, await within(KV_TIMEOUT, binding.get())];
    return [1, ""];
  },
};

function limitOf({ signal }, { second: timeout }) {
  return timeout > 0 ? new Limit(timeout, signal) : undefined;
}

async function send(exchange, command, limit) {
  try {
    const { url, init } = exchange.outgoing(command, limit?.signal ?? exchange.signal);
    const response = await fetch(url, init);
    exchange.responses.set(command.first, response);
    return [response.status, lines(response.headers)];
  } catch (error) {
    if (error instanceof Unsendable) return [4, error.message];
    return limit?.reached ? [3, ""] : [1, String(error)];
  }
}

/** Ends a fetch in time: one that has no response, and one whose body is still being read. */
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

/** The windows of one limit share an object, so that it can clean up after itself. */
function counter(env, key) {
  if (env.POSTERN_COUNTER === undefined) throw new Error("there is no Durable Object binding POSTERN_COUNTER");
  return env.POSTERN_COUNTER.getByName(key.slice(0, key.lastIndexOf("/")));
}

async function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("no answer in time")), milliseconds)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
