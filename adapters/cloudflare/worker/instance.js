// One WebAssembly instance, and how to call it. src/abi.rs and src/instance.rs have the other side of each line here.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A longer message is taken over by the module together with its buffer. TAKE_OVER in src/instance.rs is the same number. */
const TAKE_OVER = 64 * 1024;

const NONE = Object.freeze([]);

/** A call that did not come back: the module trapped, and nothing in it can be relied on any more. */
export class Trap extends Error {}

/** Keeps an instance, and makes a new one after a trap. */
export class Supply {
  #make;
  #instance;

  constructor(module, snapshot, env) {
    this.#make = () => new Instance(module, snapshot, env);
    this.#instance = this.#make();
  }

  current() {
    if (this.#instance.broken) this.#instance = this.#make();
    return this.#instance;
  }
}

export class Instance {
  broken = false;
  /** Why there is no gateway, if there is none. */
  failure = "";
  #exports;
  #bytes = new Uint8Array();
  #words = new Uint32Array();
  #input = 0;
  #room = 0;

  constructor(module, snapshot, env) {
    const shim = {
      random: (pointer, length) => void crypto.getRandomValues(this.#view().subarray(pointer, pointer + length)),
      report: (pointer, length) => report(this.#text(pointer, length)),
    };
    this.#exports = new WebAssembly.Instance(module, { shim }).exports;
    const settings = encoder.encode(`${env.POSTERN_REGION ?? ""}\n${env.POSTERN_URL ?? ""}\n`);
    const message = new Uint8Array(settings.length + snapshot.byteLength);
    message.set(settings);
    message.set(new Uint8Array(snapshot), settings.length);
    this.failure = this.#call((length) => this.#exports.init(length), message).text;
  }

  /** Starts a task for a request's head; returns its first command. */
  start(head) {
    return this.#call((length) => this.#exports.start(length, Date.now()), head);
  }

  /** Answers a task's command; returns the next one. */
  resume(task, code, payload) {
    return this.#call((length) => this.#exports.resume(task, code, length, Date.now()), payload);
  }

  /** Drops a task whose client went away. */
  cancel(task) {
    if (!this.broken) return this.#call(() => this.#exports.cancel(task, Date.now()), "");
  }

  /** How many tasks the module holds. */
  get tasks() {
    return this.#exports.tasks();
  }

  #call(enter, payload) {
    if (this.broken) throw new Trap("the instance is gone");
    try {
      return this.#command(enter(this.#write(payload)));
    } catch (error) {
      this.broken = true;
      throw new Trap("the instance trapped", { cause: error });
    }
  }

  #write(payload) {
    const text = typeof payload === "string";
    // A UTF-16 unit becomes three bytes at most.
    const most = text ? payload.length * 3 : payload.byteLength;
    if (most > this.#room) {
      this.#room = Math.max(most, 4096);
      this.#input = this.#exports.input(this.#room);
    }
    let length = most;
    if (text) {
      if (most > 0) length = encoder.encodeInto(payload, this.#view().subarray(this.#input, this.#input + most)).written;
    } else {
      this.#view().set(payload instanceof Uint8Array ? payload : new Uint8Array(payload), this.#input);
    }
    if (length > TAKE_OVER) this.#room = 0;
    return length;
  }

  #command(head) {
    this.#view();
    const words = this.#words;
    const at = head >> 2;
    if (words[at + 9] > 0) this.#log(this.#text(words[at + 8], words[at + 9]));
    return {
      task: words[at],
      kind: words[at + 1],
      first: words[at + 2],
      second: words[at + 3],
      text: this.#text(words[at + 4], words[at + 5]),
      bytes: words[at + 7] > 0 ? this.#bytes.slice(words[at + 6], words[at + 6] + words[at + 7]) : undefined,
      detached: this.#numbers(words[at + 10], words[at + 11]),
      released: this.#numbers(words[at + 12], words[at + 13]),
    };
  }

  #log(lines) {
    for (const line of lines.split("\n")) if (line !== "") console.log(line);
  }

  #text(pointer, length) {
    return length === 0 ? "" : decoder.decode(this.#view().subarray(pointer, pointer + length));
  }

  #numbers(pointer, count) {
    return count === 0 ? NONE : Array.from(this.#words.subarray(pointer >> 2, (pointer >> 2) + count));
  }

  /** Memory that grew leaves its views empty. */
  #view() {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.#exports.memory.buffer);
      this.#words = new Uint32Array(this.#exports.memory.buffer);
    }
    return this.#bytes;
  }
}

/** An entry of the gateway's own log, in the shape of the core's. */
export function report(message) {
  console.error(JSON.stringify({ kind: "ComponentLog", level: "error", message }));
}
