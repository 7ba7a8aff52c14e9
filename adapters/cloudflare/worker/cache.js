// Kept responses, in the runtime's cache of the location. Its keys are URLs that lead nowhere: a digest each, never the caller's URL.

import { readAll } from "./body.js";

/** Before the digest. The name is reserved (RFC 6761, section 6.4), so nothing else is ever kept there. */
const PREFIX = "https://postern.invalid/cache/";

/** The head that the caller will see. The cache's own has what the cache asks for. */
const HEAD = "postern-head";

/** Looks a response up, and holds it under the number. Resolves to its head, or undefined. */
export async function match(exchange, key, handle) {
  const response = await caches.default.match(PREFIX + key);
  const head = response?.headers.get(HEAD);
  if (head === undefined || head === null) return undefined;
  exchange.responses.set(handle, response);
  return decodeURIComponent(head);
}

/** Makes a copy of a held response, to be read beside it. */
export function copy(exchange, handle, number) {
  const buffer = exchange.buffers.get(handle);
  const response = exchange.responses.get(handle);
  exchange.responses.set(number, buffer === undefined ? response.clone() : new Response(buffer));
}

/** Keeps a body for so many seconds, unless it breaks off or has more than `most` bytes. It is whole before the cache hears of it. */
export async function put(key, head, seconds, body, most) {
  let whole = body;
  if (body instanceof ReadableStream) {
    try {
      whole = await readAll(new Response(body), most);
    } catch {
      // What broke off is the sender's, and told elsewhere.
      return;
    }
  }
  const headers = { "cache-control": `public, max-age=${seconds}`, [HEAD]: encodeURIComponent(head) };
  await caches.default.put(PREFIX + key, new Response(whole, { headers }));
}
