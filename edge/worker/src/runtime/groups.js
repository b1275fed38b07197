// Calls to one Durable Object that come at the same time and go in one request: a request to an object costs
// more than what most calls ask of it, and an object answers only so many of them.

import { message, read, within } from "./hop.js";

/** Where calls go that go together, and the status of their answers: as `edge/tenant/src/host/together.rs` says. */
const TOGETHER = "https://tenant/together";
const MANY = 207;
/** The status with which an object says that it did nothing: as `edge/tenant/src/host/mod.rs` says. */
const REFUSED = 421;

/** Objects whose calls may go together, at most. One that is forgotten begins anew. */
const OBJECTS = 1000;

const groups = new Map();

/** Calls that go together at most: the first is answered with the last, and all of them are lost if one is. */
const CALLS = 16;
/** Their characters at most, unless one has more by itself. */
const CHARACTERS = 1 << 20;
/** Milliseconds after which a call goes although an earlier one is still on its way. */
const PATIENCE = 10;

/**
 * Sends a call to an object: what writes and what fits into a header, a question of a page, with others of its kind that come
 * at the same time. They do not mix, because what writes waits for the disk; other questions may be answered at
 * length. The body of an answer with the status `finished` is given as it is, read or not.
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
        return answersIn(bytes, calls.length);
      case REFUSED:
        // Perhaps it runs what was deployed before.
        return [];
      default:
        throw new Error(`status ${status}`);
    }
  };
  const call = { url, text, header };
  const answer =
    writes || header
      ? groupOf(`${name} ${writes}`, writes, milliseconds).carry(call, alone, together)
      : alone(call);
  return within(milliseconds, answer);
}

function groupOf(key, writes, milliseconds) {
  let group = groups.get(key);
  if (group === undefined) {
    if (groups.size === OBJECTS) {
      groups.clear();
    }
    // One that writes and goes alone is gathered by the object, with those from elsewhere.
    group = new Group(!writes, milliseconds);
    groups.set(key, group);
  }
  return group;
}

/** The length of a body that is that of the answer before. */
const THE_SAME = 2 ** 32 - 1;

/** The answers in one, at most so many: their number, and the status, the length and the bytes of each. */
function answersIn(bytes, most) {
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
  if (at !== bytes.length || answers.length > most) {
    throw new RangeError("the answers broke off, or are of other calls");
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
  /** When those set out who are on their way. */
  #away = new Set();
  /** Who wait, the first to come first. */
  #waiting = [];
  /** Whether the last who went had company. */
  #company = false;
  #gathers;
  #deadline;

  constructor(gathers, deadline) {
    this.#gathers = gathers;
    this.#deadline = deadline;
  }

  /**
   * A promise of what comes back for a call. `alone` carries one call, `together` an array of them, and promises an array
   * of answers. A call without one was not carried out.
   */
  async carry(call, alone, together) {
    const one = { call, alone, go: (group, away) => this.#go(group, away, together) };
    if (this.#away.size === 0) {
      return one.go([one], this.#depart());
    }
    const { promise, resolve, reject } = Promise.withResolvers();
    this.#waiting.push(Object.assign(one, { resolve, reject }));
    if (this.#waiting[0] === one) {
      setTimeout(() => this.#waiting[0] === one && this.#goOn(), PATIENCE);
    }
    // What is left to be done for it, in its own request.
    const rest = await promise;
    return rest();
  }

  /** All who wait go: as many together as may. One of them goes for the others. */
  #next() {
    while (this.#waiting.length > 0) {
      const group = this.#take(CALLS);
      const away = this.#depart();
      group[0].resolve(() => group[0].go(group, away));
    }
  }

  #depart() {
    const away = { since: Date.now() };
    this.#away.add(away);
    return away;
  }

  /** The same, and whoever has been away for longer than any call is forgotten: the request has ended. */
  #goOn() {
    for (const one of this.#away) {
      if (Date.now() - one.since > this.#deadline) {
        this.#away.delete(one);
      }
    }
    this.#next();
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

  async #go(group, away, together) {
    try {
      if (this.#gathers && this.#company && group.length === 1) {
        await nothingElse();
        group.push(...this.#take(CALLS - 1));
        this.#next();
      }
      const [first, ...others] = group;
      this.#company = others.length > 0;
      if (!this.#company) {
        return await first.alone(first.call);
      }
      const answers = await together(group.map(({ call }) => call));
      others.forEach((other, index) => other.resolve(() => rest(other, answers[index + 1])));
      return await rest(first, answers[0]);
    } catch (error) {
      group.slice(1).forEach((other) => other.reject(error));
      throw error;
    } finally {
      this.#away.delete(away);
      this.#next();
    }
  }
}

/** What is left to be done for a call that went with others. */
function rest({ call, alone }, answer) {
  if (answer === undefined) {
    return alone(call);
  }
  const [status] = answer;
  // It was counted, but could not be carried out with others.
  return status === 0 ? alone({ ...call, url: `${call.url}?again` }) : answer;
}

/** A promise kept as soon as nothing else that came in is left to be done. */
function nothingElse() {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
