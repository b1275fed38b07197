// Calls to one Durable Object that come at the same time and go in one request: a request to an object costs
// more than what most calls ask of it, and an object answers only so many of them.

import { message, read, within } from "./hop.js";

/** Where calls go that go together, and the status of their answers. */
const TOGETHER = "https://tenant/together";
const MANY = 207;

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
    return status === MANY ? answersIn(bytes) : calls.map(() => [status, bytes]);
  };
  const key = `${name} ${writes}`;
  const group = groupOf(key);
  const answer = group.carry({ url, text, header }, alone, together);
  // Whoever went for others may be lost, with the word that it is back.
  return within(milliseconds, answer, () => groups.delete(key));
}

function groupOf(key) {
  let group = groups.get(key);
  if (group === undefined) {
    if (groups.size === OBJECTS) {
      groups.clear();
    }
    group = new Group();
    groups.set(key, group);
  }
  return group;
}

/** The length of a body that is that of the answer before. */
const THE_SAME = 2 ** 32 - 1;

/** The answers in one: their number, and the status, the length and the bytes of each. */
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
    answers.push([status, body]);
  }
  if (at !== bytes.length) {
    throw new RangeError("the answers broke off");
  }
  return answers;
}

/**
 * The calls to one object. Who is there alone goes at once. While one is on its way, those who come wait and then go together.
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

  /**
   * A promise of what comes back for a call. `alone` carries one call, `together` an array of them: it promises an array
   * of answers, without those at its end that were not given, as these calls were not carried out.
   */
  async carry(call, alone, together) {
    const go = (group) => this.#go(group, alone, together);
    if (this.#away === 0) {
      this.#away = 1;
      return go([{ call }]);
    }
    const { promise, resolve, reject } = Promise.withResolvers();
    const one = { call, resolve, reject, go, alone: () => alone(call) };
    this.#waiting.push(one);
    // A timer ends with the request that set it, so that the first of those who wait has one.
    const first = this.#waiting[0] === one;
    const timer = first ? setTimeout(() => this.#waiting[0] === one && this.#next(), PATIENCE) : undefined;
    // What is left to do for it, in its own request.
    const rest = await promise;
    clearTimeout(timer);
    return rest();
  }

  /** The next ones go, if there are any. */
  #next() {
    const group = this.#take(CALLS);
    if (group.length > 0) {
      this.#away += 1;
      group[0].resolve(() => group[0].go(group));
    }
  }

  /** Takes those who wait, as far as they may go together. The others are the next. */
  #take(most) {
    let characters = 0;
    const beyond = this.#waiting.findIndex(({ call }, index) => {
      characters += call.text.length;
      return index === most || (index > 0 && characters > CHARACTERS);
    });
    const taken = this.#waiting.splice(0, beyond < 0 ? Infinity : beyond);
    if (this.#waiting.length > 0) {
      this.#next();
    }
    return taken;
  }

  async #go(group, alone, together) {
    try {
      if (this.#company && group.length === 1) {
        await nothingElse();
        group.push(...this.#take(CALLS - 1));
      }
      this.#company = group.length > 1;
      if (!this.#company) {
        return await alone(group[0].call);
      }
      const [answer, ...answers] = await together(group.map(({ call }) => call));
      others(group).forEach((one, index) => one.resolve(index < answers.length ? () => answers[index] : one.alone));
      return answer;
    } catch (error) {
      others(group).forEach((one) => one.reject(error));
      throw error;
    } finally {
      this.#away -= 1;
      this.#next();
    }
  }
}

/** All but the one who goes. */
function others(group) {
  return group.slice(1);
}

/** A promise kept as soon as nothing else that came in is left to be done. */
function nothingElse() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
