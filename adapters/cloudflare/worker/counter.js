// The exact counter: one Durable Object for each series, which is one limit and one principal, and one row for each span of time.
import { DurableObject } from "cloudflare:workers";

/** How many spans before its own an attempt sees: REACH in the core. */
const REACH = 10;

export class PosternCounter extends DurableObject {
  #sql = this.ctx.storage.sql;
  /** The counts of attempts by the number of their span, as storage has them; undefined where the tables may not be there. */
  #attempts;
  /** Whether an alarm is known to be set. */
  #wakes = false;

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
    await this.#wakeAt(Number(expiresAt));
    return row.value;
  }

  async remove(key) {
    this.#prepare();
    this.#sql.exec("DELETE FROM counter WHERE key = ?1", key);
  }

  /**
   * Counts an attempt, in the span of so many ms that it is in. Returns the time, then number and count of each span that the attempt
   * sees. As nothing is awaited before, no other attempt comes in between.
   */
  async count(span) {
    this.#prepare();
    const now = Date.now();
    const current = Math.floor(now / span);
    const numbers = [...this.#attempts.keys()];
    // When the object moves to a machine whose clock is behind, attempts count in the latest span and nobody's past gets shorter.
    const number = Math.max(current, ...numbers.filter((number) => number <= current + REACH));
    const [first, last] = [number - REACH, current + REACH];
    const unseen = numbers.filter((number) => number < first || number > last);
    if (unseen.length > 0) this.#sql.exec("DELETE FROM attempt WHERE number NOT BETWEEN ?1 AND ?2", first, last);
    const value = (this.#attempts.get(number) ?? 0) + 1;
    const expiresAt = (number + REACH + 1) * span;
    this.#sql.exec(
      "INSERT INTO attempt (number, value, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (number) DO UPDATE SET value = excluded.value",
      number,
      value,
      expiresAt,
    );
    // Memory follows what storage has taken. If that is not written in the end, the runtime drops this object and answers nobody.
    for (const number of unseen) this.#attempts.delete(number);
    this.#attempts.set(number, value);
    const seen = [...this.#attempts].sort(([one], [other]) => one - other);
    await this.#wakeAt(expiresAt);
    return [now, ...seen.flat()].join(" ");
  }

  /** Drops what has expired. An object without a row gives its storage back, and costs nothing from then on. */
  async alarm() {
    this.#wakes = false;
    this.#prepare();
    const now = Date.now();
    this.#sql.exec("DELETE FROM counter WHERE expires_at <= ?1", now);
    this.#sql.exec("DELETE FROM attempt WHERE expires_at <= ?1", now);
    this.#attempts = undefined;
    const rows = "SELECT expires_at FROM counter UNION ALL SELECT expires_at FROM attempt";
    const { last } = this.#sql.exec(`SELECT max(expires_at) AS last FROM (${rows})`).one();
    if (last === null) return this.ctx.storage.deleteAll();
    return this.ctx.storage.setAlarm(last);
  }

  /** One alarm at a time is enough: it sets the next. */
  async #wakeAt(time) {
    if (this.#wakes) return;
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(time);
    this.#wakes = true;
  }

  /** The tables go with everything else when the last row has expired. */
  #prepare() {
    if (this.#attempts !== undefined) return;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL, expires_at INTEGER NOT NULL)");
    this.#sql.exec("CREATE TABLE IF NOT EXISTS attempt (number INTEGER PRIMARY KEY, value INTEGER NOT NULL, expires_at INTEGER NOT NULL)");
    this.#attempts = new Map(this.#sql.exec("SELECT number, value FROM attempt").raw());
  }
}
