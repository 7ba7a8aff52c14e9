// A provider on loopback. The path says what it does, or the header x-path where a gateway asks for one of its own:
//   /echo         answers with what it received, as JSON
//   /slow/MS      answers after so many ms
//   /gzip         answers with compressed text
//   /events/N/MS  sends N server-sent events, so many ms apart
//   /cut/N        sends N server-sent events, and breaks off
//   /status/N     answers with that status
import { once } from "node:events";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

export class Upstream {
  /** What became of each request: its path, and "open", "finished" or "aborted". */
  calls = [];
  /** Resolves held events: see `hold`. */
  #gate = Promise.resolve();

  async start() {
    this.server = createServer((request, response) => this.#answer(request, response));
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  /** Stops every event stream after its first event, until the returned function is called. */
  hold() {
    let open;
    this.#gate = new Promise((resolve) => (open = resolve));
    return open;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(request, response) {
    const path = request.headers["x-path"] ?? request.url;
    const call = { path, state: "open" };
    this.calls.push(call);
    const ended = once(response, "close").then(() => (call.state = response.writableFinished ? "finished" : "aborted"));
    const chunks = await request.toArray().catch(() => []);
    const [, action, first, second] = path.split("/");
    if (action === "slow") await Promise.race([sleep(Number(first)), ended]);
    if (action === "events") return this.#events(response, Number(first), Number(second));
    if (action === "cut") return this.#events(response, Number(first), 0, () => response.destroy());
    if (action === "status") return response.writeHead(Number(first)).end();
    if (action === "gzip") {
      const body = gzipSync("compressed ".repeat(1000));
      response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip", "content-length": body.length });
      return response.end(body);
    }
    const { method, url, headers } = request;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString("base64") }));
  }

  async #events(response, count, pause, end = () => response.end()) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let i = 0; i < count && !response.destroyed; i++) {
      response.write(`data: ${i}\n\n`);
      await this.#gate;
      await sleep(pause);
    }
    end();
  }
}
