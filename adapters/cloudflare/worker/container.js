// One instance of a container. Cloudflare ties an image to a class of Durable Objects, so each container of the configuration has a
// class of its own, which does no more than extend this one.
import { DurableObject } from "cloudflare:workers";

import { Running } from "./running.js";

/** An instance that nobody has asked anything for so long is stopped, in ms. The next request starts it again. */
const IDLE = 10 * 60_000;

export class PosternContainer extends DurableObject {
  #running;
  #awakeUntil = 0;

  /** The runtime's; absent in a deployment without the `containers` section. */
  get container() {
    return this.ctx.container;
  }

  async fetch(request) {
    if (this.container === undefined) throw new Error("this Durable Object has no container: its `containers` section is missing");
    this.#running ??= new Running(this.container);
    await this.#stayAwake();
    return this.#running.fetch(request);
  }

  async alarm() {
    if (this.container === undefined) return;
    (this.#running ?? new Running(this.container)).stop();
  }

  /** An alarm is a write, so it is moved once a minute and not with each request. */
  async #stayAwake() {
    const now = Date.now();
    if (now + IDLE < this.#awakeUntil + 60_000) return;
    this.#awakeUntil = now + IDLE;
    await this.ctx.storage.setAlarm(this.#awakeUntil);
  }
}
