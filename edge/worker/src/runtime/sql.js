// Statements of a Durable Object's SQLite. What goes in and what comes out is one text each way, because every
// value that crosses between wasm and JavaScript by itself costs as much as SQLite's work on it.

/** Statements that were prepared: one string each, so that the platform finds what it compiled. */
const statements = [];

/** The number of a statement. */
export function prepare(text) {
  return statements.push(text) - 1;
}

/** Runs a prepared statement with an array of parameters; its rows, as arrays. Both in JSON. */
export function run(sql, statement, parameters) {
  return rows(sql, statements[statement], parameters);
}

/** Runs a statement that will not come again. */
export function runOnce(sql, text, parameters) {
  return rows(sql, text, parameters);
}

function rows(sql, text, parameters) {
  return JSON.stringify(sql.exec(text, ...JSON.parse(parameters)).raw().toArray());
}
