// A door for the conformance suite: it passes calls on to a region host and its answers back, so that the
// suite sees the bytes that the edge would see. The path is /object/NAME/FORM or /server/FORM.
export default {
  async fetch(request, env) {
    const [, kind, ...rest] = new URL(request.url).pathname.split("/");
    const host = kind === "object" ? env.TENANT.get(env.TENANT.idFromName(rest.shift())) : env.REGION_CBR;
    const origin = kind === "object" ? "https://tenant/" : "https://canberra.localhost/";
    const call = request.headers.get("call");
    const asked = call === null ? { method: "POST", body: await request.arrayBuffer() } : { headers: { call } };
    const answer = await host.fetch(origin + rest.join("/"), asked);
    return new Response(await answer.arrayBuffer(), { status: answer.status });
  },
};
