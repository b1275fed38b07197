// The way to a Durable Object and back in few steps: a step between wasm and JavaScript costs as much as most
// of the work it asks for, and so does every wait.

/** Sends a call as the body; a promise of the status and the bytes of the answer. What throws was not sent. */
export function send(namespace, name, url, call) {
  return object(namespace, name).fetch(url, { method: "POST", body: call }).then(read);
}

/** The same for a short call in visible ASCII: as a header it is there without a wait. */
export function ask(namespace, name, url, call) {
  return object(namespace, name).fetch(url, { headers: { call } }).then(read);
}

/** The call in a header, if that is where it is. */
export function asked(request) {
  return request.headers.get("call") ?? undefined;
}

/** An answer. The bytes are copied out of the memory of wasm, which changes. */
export function reply(status, bytes) {
  return new Response(bytes.slice(), { status });
}

function object(namespace, name) {
  return namespace.get(namespace.idFromName(name));
}

async function read(answer) {
  return [answer.status, new Uint8Array(await answer.arrayBuffer())];
}
