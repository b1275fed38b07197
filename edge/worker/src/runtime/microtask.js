// What continues a future. The platform's own way leaves JavaScript and comes back, makes a function for it each
// time and costs more than most continuations; a promise that is kept stays inside.

const kept = Promise.resolve();

/** From now on `queueMicrotask` is a promise's. */
export function stayInside() {
  globalThis.queueMicrotask = (work) => {
    kept.then(work);
  };
}
