// A request's body. Each chunk that wasm waits for by itself costs more than all of what is read here.

/** A promise of the bytes, or of nothing as soon as there are more than `limit`, whatever length was claimed. */
export async function readBody(request, limit) {
  const chunks = [];
  let length = 0;
  // No stream means no body.
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > limit) {
      return undefined;
    }
    chunks.push(chunk);
  }
  if (chunks.length === 1) {
    return chunks[0];
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
