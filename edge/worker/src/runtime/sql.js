// Statements of a Durable Object's SQLite. What goes in and what comes out is one text each way, because every
// value that crosses between wasm and JavaScript by itself costs as much as SQLite's work on it.

/** Statements that were prepared: one string each, so that the platform finds what it compiled. */
const statements = [];

/** The number of a statement. */
export function prepare(text) {
  return statements.push({ text, hasRows: mayHaveRows(text) }) - 1;
}

/** Runs a prepared statement with an array of parameters; its rows, as arrays. Both in JSON. */
export function run(sql, statement, parameters) {
  const { text, hasRows } = statements[statement];
  return rows(sql, text, hasRows, parameters);
}

/** Runs a statement that will not come again. */
export function runOnce(sql, text, parameters) {
  return rows(sql, text, mayHaveRows(text), parameters);
}

/** Whether a statement may have rows. Those of one that only writes are not asked for, as it is done once it was begun. */
function mayHaveRows(text) {
  return !/^(INSERT|UPDATE|DELETE) /.test(text) || /\bRETURNING\b/.test(text);
}

function rows(sql, text, hasRows, parameters) {
  const cursor = sql.exec(text, ...JSON.parse(parameters));
  return hasRows ? JSON.stringify(cursor.raw().toArray()) : "[]";
}
