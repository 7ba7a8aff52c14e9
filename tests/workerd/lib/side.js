// A second Worker beside the tested one, in the same process and with the same KV namespace.
export default {
  async fetch(request, env) {
    switch (request.method) {
      // Logs a line, which comes after everything that was logged before.
      case "POST":
        console.log(await request.text());
        return new Response();
      case "PUT": {
        const values = Object.entries(await request.json());
        await Promise.all(values.map(([key, value]) => env.POSTERN.put(key, Uint8Array.fromBase64(value))));
        return new Response();
      }
      default:
        return Response.json(await everything(env.POSTERN));
    }
  },
};

async function everything(namespace) {
  const values = {};
  let page = { cursor: undefined };
  do {
    page = await namespace.list({ cursor: page.cursor });
    for (const { name } of page.keys) values[name] = new Uint8Array(await namespace.get(name, "arrayBuffer")).toBase64();
  } while (!page.list_complete);
  return values;
}
