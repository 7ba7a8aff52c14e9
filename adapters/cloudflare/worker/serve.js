// A request from its head to its response: starts a task in the module, does what the task asks for, and answers as it says.
import { Kind, perform } from "./commands.js";
import { Trap } from "./instance.js";

/** Statuses whose responses have no body (RFC 9110, section 15; Fetch, section 2.2.3). */
const NULL_BODY = new Set([101, 204, 205, 304]);

export async function serve(supply, request, env, ctx) {
  let exchange;
  try {
    const instance = supply.current();
    if (instance.failure !== "") return failure(500, `the configuration was refused: ${instance.failure}`);
    exchange = new Exchange(instance, request, env, ctx);
    return await exchange.run();
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
  #instance;
  #ctx;
  #detached = [];
  #answered = false;

  constructor(instance, request, env, ctx) {
    this.#instance = instance;
    this.request = request;
    this.env = env;
    this.#ctx = ctx;
  }

  async run() {
    const { request } = this;
    let head = `${request.method}\n${request.url}\n${request.headers.get("cf-connecting-ip") ?? ""}\n`;
    head += `${request.cf?.httpProtocol ?? ""}\n${request.body === null ? 0 : 1}\n`;
    request.headers.forEach((value, name) => (head += `${name}\n${value}\n`));
    const first = this.#instance.start(head);
    request.signal.addEventListener("abort", () => this.#instance.cancel(first.task), { once: true });
    const last = await this.#drive(first);
    if (last.kind !== Kind.RESPOND) return failure(500, last.text);
    const response = this.#respond(last);
    this.#release(last);
    this.#answered = true;
    for (const task of this.#detached) this.#detach(task);
    return response;
  }

  /** The client's request, or a response. */
  message(handle) {
    return handle === 0 ? this.request : this.responses.get(handle);
  }

  /** The request that a FETCH command describes. */
  outgoing(command) {
    const [method, url, body, base, ...lines] = command.text.split("\n");
    const headers = base === "-" ? record(lines) : edited(new Headers(this.request.headers), Number(base), lines);
    const init = { method, headers, body: this.#body(body, command), redirect: "manual", signal: this.request.signal };
    return { url, init };
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
        .catch((error) => console.error(JSON.stringify({ level: "error", message: String(error) }))),
    );
  }

  /** A response that nobody will read holds a connection until it is cancelled. */
  #release({ released }) {
    for (const handle of released) {
      this.responses.get(handle)?.body?.cancel().catch(() => {});
      this.responses.delete(handle);
      this.buffers.delete(handle);
    }
  }

  #respond(command) {
    const { first: status, text } = command;
    const [ref, base, ...lines] = text.split("\n");
    const body = this.#body(ref, command);
    if (base === "-") return new Response(NULL_BODY.has(status) ? null : body, { status, headers: pairs(lines) });
    const handle = Number(ref.slice(1));
    const upstream = this.responses.get(handle);
    this.responses.delete(handle);
    const changed = base !== "0" || lines.length > 1 || status !== upstream.status;
    if (!changed && body === upstream.body) return upstream;
    const { webSocket } = upstream;
    const init = webSocket ? { status, headers: upstream.headers, webSocket } : { status, headers: upstream.headers };
    const response = new Response(NULL_BODY.has(status) ? null : body, init);
    edited(response.headers, Number(base), lines);
    return response;
  }

  #body(ref, command) {
    switch (ref[0]) {
      case "b":
        return command.bytes;
      case "h": {
        const handle = Number(ref.slice(1));
        return this.buffers.get(handle) ?? this.message(handle).body;
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
        if (command.kind === Kind.CHUNK) controller.enqueue(command.bytes);
        else if (command.kind === Kind.DONE) controller.close();
        else controller.error(new Error(command.text));
      },
      cancel: () => void this.#instance.cancel(task),
    });
  }
}

function pairs(lines) {
  const list = [];
  for (let i = 0; i + 1 < lines.length; i += 2) list.push([lines[i], lines[i + 1]]);
  return list;
}

function record(lines) {
  const headers = { __proto__: null };
  for (const [name, value] of pairs(lines)) headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  return headers;
}

function edited(headers, removals, lines) {
  for (const name of lines.slice(0, removals)) headers.delete(name);
  for (const [name, value] of pairs(lines.slice(removals))) headers.append(name, value);
  return headers;
}

/** An answer of the shim's own, when the module cannot give one. The reason is for the log alone. */
function failure(status, reason) {
  console.error(JSON.stringify({ level: "error", message: reason }));
  const retry = status === 503;
  const message = retry ? "The gateway lost this request. Try again." : "The gateway failed to handle this request.";
  const error = { message, type: "server_error", param: null, code: "internal_error" };
  return Response.json({ error }, { status, headers: { "x-should-retry": String(retry) } });
}
