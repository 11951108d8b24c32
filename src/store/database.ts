import { NeonDbError, neon, neonConfig } from "@neondatabase/serverless";
import type { SQL } from "drizzle-orm";
import { drizzle } from "drizzle-orm/neon-http";
import { unavailable } from "../lib/unavailable.ts";

export type Row = Record<string, unknown>;

export type Database = {
  /** Runs one statement that may write. It is sent again only if the database said that it rolled back. */
  run<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs one statement that only reads, once more if the database could not be reached. */
  read<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs statements in one transaction and one round trip; each sees what those before it did. */
  batch(statements: readonly [SQL, ...SQL[]]): Promise<Row[][]>;
};

/** A cold start takes seconds; a client waits 10 s for tokens, and two tries must fit in. */
const TIMEOUT_MS = 4000;

neonConfig.disableWarningInBrowsers = true;
neonConfig.fetchFunction = (url: string, init: RequestInit) =>
  fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
neonConfig.fetchEndpoint = (host, port) =>
  isLoopback(host) ? `http://${host}:${port}/sql` : `https://${host.replace(/^[^.]+\./, "api.")}/sql`;

const isLoopback = (host: string) => host === "localhost" || host === "127.0.0.1";

/** Connects to Neon over HTTP (one statement, one fetch), or to a stand-in when the URL names this machine. */
export function createDatabase(databaseUrl: string): Database {
  const db = drizzle(neon(databaseUrl));
  const execute = async <T extends Row>(statement: SQL) => (await db.execute<T>(statement)).rows;
  return {
    run: (statement) => attempt(() => execute(statement), hasRolledBack),
    read: (statement) => attempt(() => execute(statement), isTransient),
    batch: (statements) =>
      attempt(async () => {
        const [first, ...rest] = statements;
        const results = await db.batch([db.execute(first), ...rest.map((statement) => db.execute(statement))]);
        return results.map((result) => result.rows);
      }, hasRolledBack),
  };
}

/** Whether an error says that a unique constraint stopped the statement. */
export const isUniqueViolation = (error: unknown, constraint: string): boolean =>
  sqlState(error) === "23505" && (error as { constraint?: string }).constraint === constraint;

async function attempt<T>(work: () => Promise<T>, mayRetry: (error: unknown) => boolean): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!mayRetry(error)) throw withoutSecrets(error);
  }
  try {
    return await work();
  } catch (error) {
    throw withoutSecrets(error);
  }
}

/** What the database said went wrong, if it answered at all. Drizzle wraps the driver's error, but for those of a batch. */
const databaseErrorOf = (error: unknown) => {
  const { code, constraint, cause } = error as DatabaseError & { cause?: DatabaseError };
  return { code: code ?? cause?.code, constraint: constraint ?? cause?.constraint };
};
type DatabaseError = { readonly code?: string; readonly constraint?: string };

const sqlState = (error: unknown): string | undefined => databaseErrorOf(error).code;

/** Serialization failure and deadlock: nothing happened, and a second try may pass. */
const hasRolledBack = (error: unknown) => ["40001", "40P01"].includes(sqlState(error) ?? "");

/** No answer, too many connections, a shutdown, a cancelled query. */
const isTransient = (error: unknown) => {
  const state = sqlState(error);
  return state === undefined ? isFromDriver(error) : /^(08|40|53|57)/.test(state);
};

/** Whether the driver could not ask, or not read the answer; anything else without a SQLSTATE is a mistake of ours. */
const isFromDriver = (error: unknown): boolean =>
  error instanceof NeonDbError || (error instanceof Error && error.cause instanceof NeonDbError);

/** What may leave the store: which constraint stopped a statement, never the statement or its parameters. */
function withoutSecrets(error: unknown): Error {
  if (isTransient(error)) return unavailable("database");
  const { code, constraint } = databaseErrorOf(error);
  if (code === undefined) return error as Error;
  return Object.assign(new Error(`SQLSTATE ${code}`), { code, constraint });
}
