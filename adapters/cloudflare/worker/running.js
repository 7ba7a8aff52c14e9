// A container that runs, or is made to: what the Durable Object around it does with the runtime's `container`.

/** In which the gateway tells how a container is started. It ends here. */
const START = "postern-container-start";

/** How long an image may take to listen, in ms, and how often it is looked at. */
const READY_WITHIN = 60_000;
const GLANCE = 200;

/** A request for a container, with how to start it. Headers hold ASCII. */
export function withStart(request, start) {
  request.headers.set(START, encodeURIComponent(start));
  return request;
}

export class Running {
  #container;
  #ready;

  constructor(container) {
    this.#container = container;
  }

  /** Passes a request on, once the container takes requests. */
  async fetch(request) {
    const start = JSON.parse(decodeURIComponent(request.headers.get(START)));
    // Requests that come while it starts wait for the same start. One that failed is not remembered.
    this.#ready ??= this.#start(start);
    try {
      await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
    const onward = new Request(request);
    onward.headers.delete(START);
    return this.#container.getTcpPort(start.port).fetch(onward);
  }

  /** Asks the container to end, if it runs. */
  stop() {
    if (this.#container.running) this.#container.signal(15);
  }

  async #start({ port, entrypoint, env, readyPath }) {
    const container = this.#container;
    if (!container.running) {
      container.start({ env, enableInternet: true, ...(entrypoint.length > 0 ? { entrypoint } : {}) });
    }
    const forget = () => (this.#ready = undefined);
    container.monitor().then(forget, forget);
    const deadline = Date.now() + READY_WITHIN;
    for (;;) {
      const why = await refusal(container.getTcpPort(port), readyPath);
      if (why === undefined) return;
      if (!container.running) throw new Error(`the container has ended: ${why}`);
      if (Date.now() > deadline) throw new Error(`the container does not take requests: ${why}`);
      await new Promise((resolve) => setTimeout(resolve, GLANCE));
    }
  }
}

/** Why a container does not take requests yet; undefined if it does. Without a path any answer will do. */
async function refusal(port, path) {
  try {
    const response = await port.fetch(`http://container${path ?? "/"}`);
    await response.body?.cancel();
    return path === null || response.ok ? undefined : `${path} answers ${response.status}`;
  } catch (error) {
    return String(error);
  }
}
