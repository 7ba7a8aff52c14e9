// A request from its head to its response: starts a task in the module, does what the task asks for, and answers as it says.
import { ending, Unsendable } from "./body.js";
import { Kind, perform } from "./commands.js";
import { edit, pairs, record } from "./headers.js";
import { report, Trap } from "./instance.js";

/** Statuses whose responses have no body (RFC 9110, section 15; Fetch, section 2.2.3). */
const NULL_BODY = new Set([101, 204, 205, 304]);

/** How a command names the client's body. */
const CLIENT = "h0";

export async function serve(supply, request, env, ctx) {
  try {
    const instance = supply.current();
    if (instance.failure !== "") return failure(500, `the configuration was refused: ${instance.failure}`);
    return await new Exchange(instance, request, env, ctx).run();
  } catch (error) {
    if (!(error instanceof Trap)) return failure(500, String(error));
    // The task that trapped was lost by its own doing; the others only shared its instance, and may be sent again.
    return error.cause === undefined ? failure(503, error.message) : failure(500, `${error.message}: ${error.cause}`);
  }
}

class Exchange {
  /** Responses by the number of their fetch. */
  responses = new Map();
  /** Bodies that were read whole, by the same numbers; 0 is the client's. */
  buffers = new Map();
  /** Readers of bodies that are read piece by piece, by the same numbers. */
  #readers = new Map();
  #instance;
  #ctx;
  #response;
  #detached = [];
  #answered = false;

  constructor(instance, request, env, ctx) {
    this.#instance = instance;
    this.request = request;
    this.env = env;
    this.#ctx = ctx;
  }

  /** Of the request, as the caller has it. */
  get #id() {
    return this.#response.headers.get("x-request-id");
  }

  async run() {
    const { request } = this;
    const first = this.#instance.start(head(request));
    request.signal.addEventListener("abort", () => this.#cancel(first.task), { once: true });
    const last = await this.#drive(first);
    if (last.kind !== Kind.RESPOND) return failure(500, last.text);
    this.#response = this.#respond(last);
    this.#release(last);
    this.#answered = true;
    for (const task of this.#detached) this.#detach(task);
    return this.#response;
  }

  /** Ends calls when the client goes away. What is done after the response is not done for the client. */
  get signal() {
    return this.#answered ? undefined : this.request.signal;
  }

  /** The client's request, or a response. */
  message(handle) {
    return handle === 0 ? this.request : this.responses.get(handle);
  }

  /** Reads a body piece by piece. */
  reader(handle) {
    let reader = this.#readers.get(handle);
    if (reader === undefined) {
      const whole = this.buffers.get(handle);
      const body = whole === undefined ? this.message(handle).body : new Response(whole).body;
      reader = (body ?? new Blob().stream()).getReader();
      this.#readers.set(handle, reader);
    }
    return reader;
  }

  /** The request that a FETCH command describes. */
  outgoing(command, signal) {
    const [method, url, whole, body, base, ...rest] = command.text.split("\n");
    const headers = base === "-" ? record(rest) : edit(new Headers(this.request.headers), Number(base), rest);
    const init = { method, headers, body: this.#body(body, command), redirect: "manual", signal };
    if (init.body === null || (method !== "GET" && method !== "HEAD")) return { url, whole, init };
    // The constructors refuse such a body, but pass it on within the client's own request.
    const isTheirs = body === CLIENT && !this.buffers.has(0) && method === this.request.method;
    if (!isTheirs) throw new Unsendable(`a ${method} request's body can be sent on only as the client sent it`);
    return { url, whole, init: new Request(this.request, { headers, redirect: "manual", signal }) };
  }

  /** Answers a task's commands until one of them is not for us to answer. */
  async #drive(command) {
    for (;;) {
      this.#collect(command);
      if (command.kind < Kind.READ || command.kind >= Kind.RESPOND) return command;
      const [code, payload] = await perform(this, command);
      this.#release(command);
      command = this.#instance.resume(command.task, code, payload);
    }
  }

  /** The client went away. What the task leaves behind, its log entry first, is all that still matters. */
  #cancel(task) {
    const left = this.#instance.cancel(task);
    if (left === undefined) return;
    this.#answered = true;
    this.#collect(left);
    this.#release(left);
  }

  #collect({ detached }) {
    if (detached.length === 0) return;
    if (this.#answered) for (const task of detached) this.#detach(task);
    else this.#detached.push(...detached);
  }

  /** Runs once the response is on its way: something pending in `waitUntil` before would keep an abandoned fetch alive. */
  #detach(task) {
    this.#ctx.waitUntil(
      scheduler
        .wait(0)
        .then(() => this.#drive(this.#instance.resume(task, 0, "")))
        .catch((error) => report(String(error))),
    );
  }

  /** A response that nobody will read holds a connection until it is cancelled. */
  #release({ released }) {
    for (const handle of released) this.forget(handle);
  }

  forget(handle) {
    // A body that is being read belongs to its reader.
    const stream = this.#readers.get(handle) ?? this.responses.get(handle)?.body;
    stream?.cancel().catch(() => {});
    this.#readers.delete(handle);
    this.responses.delete(handle);
    this.buffers.delete(handle);
  }

  #respond(command) {
    const { first: status, text } = command;
    const [ref, base, ...rest] = text.split("\n");
    const body = this.#body(ref, command);
    const handle = Number(ref.slice(1));
    const upstream = this.responses.get(handle);
    // From here on its body is the client's, and not to be cancelled.
    this.responses.delete(handle);
    if (base === "-") return new Response(NULL_BODY.has(status) ? null : body, { status, headers: pairs(rest) });
    const changed = base !== "0" || rest.length > 1 || status !== upstream.status;
    if (!changed && body === upstream.body) return upstream;
    const { webSocket } = upstream;
    const init = webSocket ? { status, headers: upstream.headers, webSocket } : { status, headers: upstream.headers };
    const response = new Response(NULL_BODY.has(status) ? null : body, init);
    edit(response.headers, Number(base), rest);
    return response;
  }

  #body(ref, command) {
    switch (ref[0]) {
      case "b":
        return command.bytes;
      case "h": {
        const handle = Number(ref.slice(1));
        const body = this.buffers.get(handle) ?? this.message(handle).body;
        if (command.bytes === undefined || !(body instanceof ReadableStream)) return body;
        return ending(body, command.bytes, (error) => report(`the response of ${this.#id} broke off: ${error}`));
      }
      case "t":
        return this.#stream(Number(ref.slice(1)));
      default:
        return null;
    }
  }

  /** A body that the module makes piece by piece. */
  #stream(task) {
    return new ReadableStream({
      pull: async (controller) => {
        const command = await this.#drive(this.#instance.resume(task, 0, ""));
        this.#release(command);
        if (command.kind === Kind.CHUNK) controller.enqueue(command.bytes);
        else if (command.kind === Kind.DONE) controller.close();
        else controller.error(new Error(command.text));
      },
      cancel: () => this.#cancel(task),
    });
  }
}

/** Lines: method, URL, client address, protocol, whether there is a body, headers. */
function head(request) {
  let address = "";
  let length = 0;
  let headers = "";
  request.headers.forEach((value, name) => {
    headers += name + "\n" + value + "\n";
    if (name === "cf-connecting-ip") address = value;
    else if (name === "content-length") length = Number(value);
  });
  // To ask for `request.body` makes an object of the runtime, which a body that is read whole never needs.
  const body = length > 0 || request.body !== null ? "1" : "0";
  return `${request.method}\n${request.url}\n${address}\n${request.cf?.httpProtocol ?? ""}\n${body}\n${headers}`;
}

/** An answer of the shim's own, when the module cannot give one. The reason is for the log alone. */
function failure(status, reason) {
  report(reason);
  const retry = status === 503;
  const message = retry ? "The gateway lost this request. Try again." : "The gateway failed to handle this request.";
  const error = { message, type: "server_error", param: null, code: "internal_error" };
  const headers = { "x-should-retry": String(retry), "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return Response.json({ error }, { status, headers });
}
