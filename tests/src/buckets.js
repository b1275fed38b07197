// A door to the buckets of keyrings, for the suite that asks whether the stand-in keeps what R2 promises. The path is
// /BINDING/NAME. GET loads; PUT stores under the condition in the header `if-match`, or only if nothing is there.
export default {
  async fetch(request, env) {
    const [, binding, ...name] = new URL(request.url).pathname.split("/");
    const bucket = env[binding];
    const key = name.join("/");
    try {
      if (request.method === "GET") {
        const found = await bucket.get(key);
        if (found === null) return new Response(null, { status: 404 });
        return new Response(await found.arrayBuffer(), { headers: { version: found.etag, size: found.size } });
      }
      const version = request.headers.get("if-match");
      const onlyIf = version === null ? { etagDoesNotMatch: "*" } : { etagMatches: version };
      const stored = await bucket.put(key, await request.arrayBuffer(), { onlyIf });
      if (stored === null) return new Response(null, { status: 412 });
      return new Response(null, { headers: { version: stored.etag, size: stored.size } });
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
