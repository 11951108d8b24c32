import type { IncomingHttpHeaders } from "node:http";
import { DatabaseError, Pool, type PoolClient } from "pg";
import { createFaults, type Faults } from "./faults.ts";
import { type JsonAnswer, startJsonServer, stopServer } from "./json-server.ts";
import { POSTGRES_USER, type PostgresServer } from "./postgres.ts";

export type NeonStandIn = {
  /** A DATABASE_URL whose host and port are the stand-in's. */
  readonly databaseUrl: string;
  readonly faults: Faults;
  readonly stop: () => Promise<void>;
};

type Query = { readonly query: string; readonly params: unknown[] };

const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

/** Speaks Neon's HTTP SQL protocol (`POST /sql`) for one database of a Postgres server. */
export async function startNeon(postgres: PostgresServer, database: string, port: number): Promise<NeonStandIn> {
  const pool = new Pool({
    host: "127.0.0.1",
    port: postgres.port,
    user: POSTGRES_USER,
    password: postgres.password,
    database,
    max: 60,
  });
  // An idle connection that breaks because the server stops is no news here.
  pool.on("error", () => {});
  const databaseUrl = `postgres://${POSTGRES_USER}:${postgres.password}@127.0.0.1:${port}/${database}`;
  const faults = createFaults();
  const server = await startJsonServer(port, faults, async (_path, body, headers) => {
    if (!names(headers["neon-connection-string"], databaseUrl)) {
      return { status: 400, body: { message: "password authentication failed", code: "28P01", severity: "FATAL" } };
    }
    return answer(pool, body as Query | { queries: Query[] }, headers);
  });
  const stop = async () => {
    await stopServer(server);
    await pool.end();
  };
  return { databaseUrl, faults, stop };
}

/** Whether a connection string has the user, password and database of another; drivers add parameters of their own. */
function names(connectionString: unknown, databaseUrl: string): boolean {
  if (typeof connectionString !== "string" || !URL.canParse(connectionString)) return false;
  const [given, own] = [new URL(connectionString), new URL(databaseUrl)];
  return given.username === own.username && given.password === own.password && given.pathname === own.pathname;
}

async function answer(
  pool: Pool,
  body: Query | { queries: Query[] },
  headers: IncomingHttpHeaders,
): Promise<JsonAnswer> {
  const client = await pool.connect();
  try {
    const result =
      "queries" in body ? { results: await runBatch(client, body.queries, headers) } : await runQuery(client, body);
    client.release();
    return { status: 200, body: result };
  } catch (error) {
    // The connection may be in the middle of a transaction: throw it away.
    client.release(true);
    if (!(error instanceof DatabaseError)) throw error;
    return { status: 400, body: { ...error, message: error.message } };
  }
}

async function runBatch(client: PoolClient, queries: Query[], headers: IncomingHttpHeaders) {
  const isolation = ISOLATION_LEVELS[String(headers["neon-batch-isolation-level"])];
  const modes = [
    isolation && `isolation level ${isolation}`,
    headers["neon-batch-read-only"] === "true" && "read only",
    headers["neon-batch-deferrable"] === "true" && "deferrable",
  ].filter(Boolean);
  await client.query(`begin ${modes.join(" ")}`);
  const results = [];
  for (const query of queries) results.push(await runQuery(client, query));
  await client.query("commit");
  return results;
}

/** Rows as arrays of text, the way the driver asks for them (`Neon-Array-Mode`, `Neon-Raw-Text-Output`). */
async function runQuery(client: PoolClient, { query, params }: Query) {
  const { fields, rows, command, rowCount } = await client.query({
    text: query,
    values: params,
    rowMode: "array",
    // As at Neon, one string holds one statement (else 42601).
    queryMode: "extended",
    types: { getTypeParser: () => (value: string) => value },
  } as never);
  return { fields, rows, command, rowCount, rowAsArray: true };
}
