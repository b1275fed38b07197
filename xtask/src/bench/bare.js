// The least that a Durable Object can do for a write: one row, and its answer. What a booking is measured against.
import { DurableObject } from "cloudflare:workers";

export class Bare extends DurableObject {
  constructor(state, env) {
    super(state, env);
    this.sql = state.storage.sql;
    this.sql.exec("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  }

  async fetch(request) {
    if (request.method !== "POST") {
      return new Response("hello");
    }
    this.sql.exec("INSERT INTO rows (body) VALUES (?1)", await request.text());
    return new Response("{}", { status: 201 });
  }
}

export default {
  async fetch(request, env) {
    if (request.method !== "POST" && !request.url.endsWith("/object")) {
      return new Response("hello");
    }
    const object = env.BARE.get(env.BARE.idFromName("one"));
    const sent = request.method === "POST" ? { method: "POST", body: await request.text() } : {};
    const answer = await object.fetch("https://bare/", sent);
    return new Response(await answer.text(), { status: answer.status });
  },
};
