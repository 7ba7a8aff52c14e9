// The least that a Worker in front of a provider can do: what Postern is compared with. UPSTREAM is the provider's origin.
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.UPSTREAM + pathname + search, request);
  },
};
