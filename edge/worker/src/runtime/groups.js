// Calls to one Durable Object that come at the same time and go in one request: a request to an object costs
// more than what most calls ask of it, and an object answers only so many of them.

import { message, read, within } from "./hop.js";

/** Where calls go that go together, the status of their answers, and that of an object which does nothing. */
const TOGETHER = "https://tenant/together";
const MANY = 207;
const REFUSED = 421;

/** Objects whose calls may go together, at most. One that is forgotten begins anew. */
const OBJECTS = 1000;

const groups = new Map();

/** Calls that go together at most: the first is answered with the last. */
const CALLS = 64;
/** Their characters at most, unless one has more by itself. */
const CHARACTERS = 1 << 20;
/** Milliseconds after which a call goes although an earlier one is still on its way. */
const PATIENCE = 10;

/**
 * Sends a call to an object, with those that come at the same time. Questions do not go with what writes, as that
 * waits for the disk. The body of an answer with the status `finished` is given as it is, read or not.
 */
export function toObject(namespace, name, url, text, header, writes, milliseconds, finished) {
  const alone = async (call) => {
    const answer = await namespace.getByName(name).fetch(call.url, message(call.text, call.header));
    return answer.status === finished ? [finished, answer.body] : read(answer);
  };
  const together = async (calls) => {
    const lines = calls.map((call) => `${call.url} ${call.text}`);
    const answer = await namespace.getByName(name).fetch(TOGETHER, message(lines.join("\n"), false));
    const [status, bytes] = await read(answer);
    switch (status) {
      case MANY:
        return answersIn(bytes);
      case REFUSED:
        // Nothing was done. Perhaps the object runs what was deployed before.
        return [];
      default:
        return calls.map(() => [status, bytes]);
    }
  };
  const key = `${name} ${writes}`;
  // What writes is gathered by the object, whoever sends it.
  const group = groupOf(key, !writes);
  const answer = group.carry({ url, text, header }, alone, together);
  // Whoever went for others may be lost, with the word that it is back.
  return within(milliseconds, answer, () => groups.delete(key));
}

function groupOf(key, gathers) {
  let group = groups.get(key);
  if (group === undefined) {
    if (groups.size === OBJECTS) {
      groups.clear();
    }
    group = new Group(gathers);
    groups.set(key, group);
  }
  return group;
}

/** The length of a body that is that of the answer before. */
const THE_SAME = 2 ** 32 - 1;

/** The answers in one: their number, and the status, the length and the bytes of each. None where the status is 0. */
function answersIn(bytes) {
  const view = new DataView(bytes.buffer);
  const answers = [];
  let at = 4;
  let body;
  for (let left = view.getUint32(0); left > 0; left -= 1) {
    const status = view.getUint16(at);
    const length = view.getUint32(at + 2);
    at += 6;
    if (length !== THE_SAME) {
      body = bytes.subarray(at, at + length);
      at += length;
    }
    answers.push(status === 0 ? undefined : [status, body]);
  }
  if (at !== bytes.length) {
    throw new RangeError("the answers broke off");
  }
  return answers;
}

/**
 * The calls to one object. Who is there alone goes at once. While one is on its way, those who come wait and then go together.
 * A group that gathers: who had company waits for others, too, until nothing else that came in is left to be done, about a
 * millisecond.
 *
 * Each caller is a request of its own, and what the platform does belongs to the request that asked for it and ends
 * with it. So who goes for others is one of them, and what a caller waits for is a promise of its own: the platform
 * continues it in the caller's request, wherever it was kept (cloudflare/workerd#2719).
 */
class Group {
  /** Requests on their way. */
  #away = 0;
  /** Who wait, the first to come first. */
  #waiting = [];
  /** Whether the last who went had company. */
  #company = false;
  #gathers;

  constructor(gathers) {
    this.#gathers = gathers;
  }

  /**
   * A promise of what comes back for a call. `alone` carries one call, `together` an array of them, and promises an array
   * of answers. A call that has none in it was not carried out.
   */
  async carry(call, alone, together) {
    const one = { call, alone: () => alone(call), go: (group) => this.#go(group, together) };
    if (this.#away === 0) {
      this.#away = 1;
      return one.go([one]);
    }
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#waiting.push(Object.assign(one, { resolve, reject }));
    if (this.#waiting[0] === one) {
      setTimeout(() => this.#waiting[0] === one && this.#next(), PATIENCE);
    }
    // What is left to be done for it, in its own request.
    const rest = await promise;
    return rest();
  }

  /** All who wait go: as many together as may. One of them goes for the others. */
  #next() {
    while (this.#waiting.length > 0) {
      const group = this.#take(CALLS);
      this.#away += 1;
      group[0].resolve(() => group[0].go(group));
    }
  }

  /** Takes those who wait, as many as may go together. */
  #take(most) {
    let characters = 0;
    const beyond = this.#waiting.findIndex(({ call }, index) => {
      characters += call.text.length;
      return index === most || (index > 0 && characters > CHARACTERS);
    });
    return this.#waiting.splice(0, beyond < 0 ? Infinity : beyond);
  }

  async #go(group, together) {
    try {
      if (this.#gathers && this.#company && group.length === 1) {
        await nothingElse();
        group.push(...this.#take(CALLS - 1));
      }
      const [first, ...others] = group;
      this.#company = others.length > 0;
      if (!this.#company) {
        return await first.alone();
      }
      const [answer, ...answers] = await together(group.map(({ call }) => call));
      others.forEach((other, index) => other.resolve(answers[index] ? () => answers[index] : other.alone));
      return answer ?? (await first.alone());
    } catch (error) {
      group.slice(1).forEach((other) => other.reject(error));
      throw error;
    } finally {
      this.#away -= 1;
      this.#next();
    }
  }
}

/** A promise kept as soon as nothing else that came in is left to be done. */
function nothingElse() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
