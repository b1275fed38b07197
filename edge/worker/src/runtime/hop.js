// The way to a region host and back in few steps: a step between wasm and JavaScript costs as much as most
// of the work it asks for, and so does every wait.

/** Sends a call as the body. */
export function send(binding, name, url, call, milliseconds) {
  const sent = host(binding, name).fetch(url, { method: "POST", body: call, redirect: "manual" });
  return within(milliseconds, sent);
}

/** The same for a short call in visible ASCII: as a header it is there without a wait. */
export function ask(binding, name, url, call, milliseconds, finished) {
  const sent = host(binding, name).fetch(url, { headers: { call }, redirect: "manual" });
  return within(milliseconds, sent, name === undefined ? undefined : finished);
}

/** The call in a header, if that is where it is. */
export function asked(request) {
  return request.headers.get("call") ?? undefined;
}

/** An answer. The bytes are copied out of the memory of wasm, which changes. */
export function reply(status, bytes) {
  return new Response(bytes.slice(), { status });
}

/** How many are gathered at most: the first is answered with the last. */
const GATHERED = 64;

/** Gathers what comes at the same time. */
export class Gathering {
  #over;
  #asked = 0;

  /** A promise for all who ask before it is kept: as soon as nothing else that came in is left to be done. */
  over() {
    if (this.#over === undefined || this.#asked === GATHERED) {
      this.#begin();
    }
    this.#asked += 1;
    return this.#over;
  }

  #begin() {
    const { promise, resolve } = Promise.withResolvers();
    const end = () => {
      if (this.#over === promise) {
        this.#over = undefined;
      }
      resolve();
    };
    // Before it is kept: there may be too many timers.
    setTimeout(end, 0);
    this.#over = promise;
    this.#asked = 0;
  }
}

/** With a name the object of that name in a namespace, without one a region server. */
function host(binding, name) {
  return name === undefined ? binding : binding.getByName(name);
}

async function read(answer) {
  return [answer.status, new Uint8Array(await answer.arrayBuffer())];
}

/** What comes back, or nothing once the time is over. The body of an answer with the status `unread` is not read. */
function within(milliseconds, sent, unread) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const lost = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    const found = (answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const came = (answer) =>
      answer.status === unread ? found([unread, answer.body]) : read(answer).then(found, lost);
    sent.then(came, lost);
  });
}
