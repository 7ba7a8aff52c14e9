// What workerd asks of a KV namespace, over a Map: Postern's credentials and secrets for the time of a measurement.
// VALUES holds the values to start with, in base64 by key.
const values = new Map();
let filled = false;

export default {
  async fetch(request, env) {
    if (!filled) for (const [key, value] of Object.entries(env.VALUES)) values.set(key, Uint8Array.fromBase64(value));
    filled = true;
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method === "PUT") values.set(key, new Uint8Array(await request.arrayBuffer()));
    else if (request.method === "DELETE") values.delete(key);
    else return values.has(key) ? new Response(values.get(key)) : new Response(null, { status: 404 });
    return new Response();
  },
};
