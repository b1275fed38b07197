/** Sends a call to a region server: in the body or, if it is short and in visible ASCII, in a header. */
export function toServer(server, url, text, header, milliseconds) {
  return within(milliseconds, server.fetch(url, message(text, header)).then(read));
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

/** A call as a request. */
export function message(text, header) {
  return header
    ? { headers: { call: text }, redirect: "manual" }
    : { method: "POST", body: text, redirect: "manual" };
}

export async function read(answer) {
  return [answer.status, new Uint8Array(await answer.arrayBuffer())];
}

/** What comes back, or nothing once the time is over. */
export function within(milliseconds, answer) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const settled = (settle) => (value) => {
      clearTimeout(timer);
      settle(value);
    };
    answer.then(settled(resolve), settled(reject));
  });
}
