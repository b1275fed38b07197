// A request on its way into wasm and an answer on its way out: one text each way for all that is a text, because
// each that crosses by itself costs as much as most of what is done with it.

/** The method, the address and the headers, in JSON. */
export function head(request) {
  return JSON.stringify([request.method, request.url, [...request.headers]]);
}

/** Bytes that most bodies fit into. */
const USUAL = 4096;

/** A promise of the body's bytes, or of nothing as soon as there are more than `limit`, whatever length was claimed. */
export async function readBody(request, limit) {
  const header = (name) => request.headers.get(name);
  // Nobody can send more than the length that was said, unless the body comes in chunks as well: then that counts.
  if (Number(header("content-length") ?? Infinity) <= limit && header("transfer-encoding") === null) {
    const whole = new Uint8Array(await request.arrayBuffer());
    return whole.length > limit ? undefined : whole;
  }
  let bytes = new Uint8Array(USUAL);
  let length = 0;
  // No stream means no body. A chunk is copied and let go: one of a single byte may hold on to thousands.
  for await (const chunk of request.body ?? []) {
    const next = length + chunk.length;
    if (next > limit) {
      return undefined;
    }
    if (next > bytes.length) {
      const wider = new Uint8Array(Math.min(limit, Math.max(next, 2 * bytes.length)));
      wider.set(bytes.subarray(0, length));
      bytes = wider;
    }
    bytes.set(chunk, length);
    length = next;
  }
  return bytes.subarray(0, length);
}

/** An answer with these headers, an object in JSON: the platform takes three times as long for pairs. `body` is null, bytes or a stream. */
export function answer(status, headers, encoded, body) {
  const encodeBody = encoded ? "manual" : "automatic";
  return new Response(body, { status, headers: JSON.parse(headers), encodeBody });
}

/** The same with bytes, which are copied out of the memory of wasm, which changes. */
export function answerBytes(status, headers, encoded, bytes) {
  return answer(status, headers, encoded, bytes.slice());
}
