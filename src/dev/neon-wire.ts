import type { IncomingHttpHeaders } from "node:http";
import { createFaults, type Faults } from "./faults.ts";
import { type JsonAnswer, startJsonServer, stopServer } from "./json-server.ts";

export type NeonStandIn = {
  /** A DATABASE_URL whose host and port are the stand-in's. */
  readonly databaseUrl: string;
  readonly faults: Faults;
  readonly stop: () => Promise<void>;
};

export type WireQuery = { readonly query: string; readonly params: unknown[] };

/** Any kind of Postgres. A connection runs one query at a time and returns rows as arrays of text. */
type SqlConnection = {
  readonly query: (query: WireQuery) => Promise<object>;
  /** A connection on which a query failed may be in the middle of a transaction. */
  readonly release: (failed: boolean) => Promise<void> | void;
};

export type SqlEngine = {
  readonly connect: () => Promise<SqlConnection>;
  /** What Postgres said about a statement that it refused. Null for any other error. */
  readonly refusalIn: (error: unknown) => object | null;
};

type NeonAddress = {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
};

const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

/** Speaks Neon's HTTP SQL protocol (`POST /sql`) for one database. */
export async function startNeonWire(engine: SqlEngine, address: NeonAddress): Promise<NeonStandIn> {
  const { user, password, database, port } = address;
  const databaseUrl = `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  const faults = createFaults();
  const server = await startJsonServer(port, faults, async (_path, body, headers) => {
    if (!names(headers["neon-connection-string"], databaseUrl)) {
      return { status: 400, body: { message: "password authentication failed", code: "28P01", severity: "FATAL" } };
    }
    return answer(engine, body as WireQuery | { queries: WireQuery[] }, headers);
  });
  return { databaseUrl, faults, stop: () => stopServer(server) };
}

/** Whether a connection string has the user, password and database of another. Drivers add parameters of their own. */
function names(connectionString: unknown, databaseUrl: string): boolean {
  if (typeof connectionString !== "string" || !URL.canParse(connectionString)) return false;
  const [given, own] = [new URL(connectionString), new URL(databaseUrl)];
  return given.username === own.username && given.password === own.password && given.pathname === own.pathname;
}

async function answer(
  engine: SqlEngine,
  body: WireQuery | { queries: WireQuery[] },
  headers: IncomingHttpHeaders,
): Promise<JsonAnswer> {
  const connection = await engine.connect();
  try {
    const result =
      "queries" in body ? { results: await runBatch(connection, body.queries, headers) } : await connection.query(body);
    await connection.release(false);
    return { status: 200, body: result };
  } catch (error) {
    await connection.release(true);
    const refusal = engine.refusalIn(error);
    if (refusal === null) throw error;
    return { status: 400, body: refusal };
  }
}

async function runBatch({ query }: SqlConnection, queries: WireQuery[], headers: IncomingHttpHeaders) {
  const isolation = ISOLATION_LEVELS[String(headers["neon-batch-isolation-level"])];
  const modes = [
    isolation && `isolation level ${isolation}`,
    headers["neon-batch-read-only"] === "true" && "read only",
    headers["neon-batch-deferrable"] === "true" && "deferrable",
  ].filter(Boolean);
  await query({ query: `begin ${modes.join(" ")}`, params: [] });
  const results = [];
  for (const each of queries) results.push(await query(each));
  await query({ query: "commit", params: [] });
  return results;
}
