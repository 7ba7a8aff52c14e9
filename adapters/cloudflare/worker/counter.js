// The exact counter: one Durable Object for each limit and principal, one row for each of its windows.
import { DurableObject } from "cloudflare:workers";

export class PosternCounter extends DurableObject {
  #sql = this.ctx.storage.sql;
  #hasTable = false;

  /** Adds `by`, and returns the new value. All three are decimal text, as numbers of JavaScript end at 2^53. */
  async increment(key, by, expiresAt) {
    this.#prepare();
    // One statement and nothing awaited before it, so that no other call comes in between.
    const row = this.#sql
      .exec(
        `INSERT INTO counter (key, value, expires_at) VALUES (?1, CAST(?2 AS INTEGER), CAST(?3 AS INTEGER))
         ON CONFLICT (key) DO UPDATE SET value = value + excluded.value, expires_at = max(expires_at, excluded.expires_at)
         RETURNING CAST(value AS TEXT) AS value`,
        key,
        by,
        expiresAt,
      )
      .one();
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Number(expiresAt));
    return row.value;
  }

  async remove(key) {
    this.#prepare();
    this.#sql.exec("DELETE FROM counter WHERE key = ?1", key);
  }

  /** Drops what has expired. An object without a row gives its storage back, and costs nothing from then on. */
  async alarm() {
    this.#prepare();
    this.#sql.exec("DELETE FROM counter WHERE expires_at <= ?1", Date.now());
    const { next } = this.#sql.exec("SELECT min(expires_at) AS next FROM counter").one();
    if (next !== null) return this.ctx.storage.setAlarm(next);
    this.#hasTable = false;
    await this.ctx.storage.deleteAll();
  }

  /** The table goes with everything else when the last row has expired. */
  #prepare() {
    if (this.#hasTable) return;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL, expires_at INTEGER NOT NULL)");
    this.#hasTable = true;
  }
}
