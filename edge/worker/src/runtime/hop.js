// The way to a region host and back in few steps: a step between wasm and JavaScript costs as much as most
// of the work it asks for, and so does every wait.

/** Sends a call as the body. */
export function send(binding, name, url, call, milliseconds) {
  const sent = host(binding, name).fetch(url, { method: "POST", body: call, redirect: "manual" });
  return within(milliseconds, sent.then(read));
}

/** The same for a short call in visible ASCII: as a header it is there without a wait. */
export function ask(binding, name, url, call, milliseconds, finished) {
  const sent = host(binding, name).fetch(url, { headers: { call }, redirect: "manual" });
  const pass = (answer) => (answer.status === finished ? [finished, answer.body] : read(answer));
  return within(milliseconds, sent.then(name === undefined ? read : pass));
}

/** The call in a header, if that is where it is. */
export function asked(request) {
  return request.headers.get("call") ?? undefined;
}

/** An answer. The bytes are copied out of the memory of wasm, which changes. */
export function reply(status, bytes) {
  return new Response(bytes.slice(), { status });
}

/** With a name the object of that name in a namespace, without one a region server. */
function host(binding, name) {
  return name === undefined ? binding : binding.getByName(name);
}

async function read(answer) {
  return [answer.status, new Uint8Array(await answer.arrayBuffer())];
}

/** What is promised, or nothing once the time is over. */
function within(milliseconds, promised) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const over = (settle) => (outcome) => {
      clearTimeout(timer);
      settle(outcome);
    };
    promised.then(over(resolve), over(reject));
  });
}
