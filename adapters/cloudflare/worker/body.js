// Bodies that are read whole, and bodies that are handed on.

export class TooLarge extends Error {}

/** The runtime has no way to send this body with this method. */
export class Unsendable extends Error {}

/**
 * Reads a request's or response's body into one buffer, and stops as soon as `limit` bytes are exceeded. A declared length is
 * checked first; without one, or where the runtime decodes what it reads, the pieces are counted as they come.
 */
export function readAll(message, limit) {
  const declared = Number.parseInt(message.headers.get("content-length"), 10);
  if (declared > limit) throw new TooLarge();
  const decodes = message instanceof Response && message.headers.has("content-encoding");
  if (declared >= 0 && !decodes) return message.arrayBuffer();
  return message.body === null ? new ArrayBuffer(0) : readPieces(message.body, limit);
}

async function readPieces(body, limit) {
  const pieces = [];
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      // Not awaited: the sender may never end.
      reader.cancel().catch(() => {});
      throw new TooLarge();
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole.buffer;
}

/**
 * Hands a response's body on, and says the last words where it breaks off. The runtime does the work: the pieces never come here.
 * `brokeOff` is told why, unless it was the reader that went away.
 */
export function ending(body, lastWords, brokeOff) {
  const { readable, writable } = new IdentityTransformStream();
  body.pipeTo(writable, { preventAbort: true }).catch(async (error) => {
    const writer = writable.getWriter();
    await writer.write(lastWords);
    await writer.close();
    brokeOff(error);
  }).catch(() => {});
  return readable;
}
