// Snapshots as `postern build` writes them, for a few Services that need no identity.

/** A Snapshot of Services by name; each value is a `spec.config`, or a whole `spec` if it has a key `isPublic`. */
export function snapshot(services) {
  const tables = ["namespaces", "users", "groups", "policies", "credentials", "secrets"];
  return {
    format: 1,
    generation: 1,
    domain: "localhost",
    gateway: { kind: "Gateway", metadata: { name: "default" }, spec: {} },
    ...Object.fromEntries(tables.map((table) => [table, {}])),
    services: Object.fromEntries(Object.entries(services).map(([name, config]) => [`${name}.default`, service(name, config)])),
  };
}

function service(name, config) {
  const spec = "isPublic" in config ? config : { mode: "HTTP", isPublic: true, isAnonymous: true, config };
  return { kind: "Service", metadata: { name: `${name}.default` }, spec };
}

/** A Service that passes requests on, without a look at their bodies. */
export const passing = (url) => ({ upstream: { url } });

/** A Service of a provider, whose events the shim ends where they break off. */
export const asking = (url) => ({ upstream: { url }, ai: { provider: "OPENAI" }, http: { header: { keepRequestHeaders: ["x-path"] } } });

/** A Service whose responses pass through the module piece by piece. */
export const watching = (url) => ({ upstream: { url }, http: { idleTimeout: { minutes: 10 } } });

/** A Service whose rule reads the body, and passes it on whatever it says. */
export const reading = (url) => ({
  mode: "HTTP",
  isPublic: true,
  isAnonymous: true,
  dynamicConfig: {
    configs: [{ name: "only", upstream: { url } }],
    rules: [{ condition: { match: 'ctx.request.http.bodyMap.model == "m" || true' }, configName: "only" }],
  },
});
