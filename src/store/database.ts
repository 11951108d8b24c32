import { type SQL, sql } from "drizzle-orm";
import { type Observe, timed } from "../lib/data-points.ts";
import { isUnavailable, unavailable } from "../lib/unavailable.ts";
import { connectNeon, isStatementError, isUnreachable, type Neon, type Query, type Row } from "./neon.ts";

export type Database = {
  /** Runs one statement that may write. It is sent again only if the database said that it rolled back. */
  run<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs one statement that only reads, once more if the database could not be reached. */
  read<T extends Row>(statement: SQL): Promise<T[]>;
  /**
   * Reads a part of something long by its indexes, whatever the planner believes of the tables: it knows little of them before
   * they are analyzed, and takes what is rare for what will soon be found.
   */
  list<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs statements in one transaction and one round trip; each sees what those before it did. */
  batch(statements: readonly [SQL, ...SQL[]]): Promise<Row[][]>;
};

/** Connects to Neon, or to a stand-in when the URL names this machine. */
export function createDatabase(databaseUrl: string, observe: Observe = () => {}): Database {
  const neon = observed(connectNeon(databaseUrl), observe);
  const execute = async <T extends Row>(statement: SQL) => (await neon.ask(toQuery(statement))) as T[];
  return {
    run: (statement) => attempt(() => execute(statement), hasRolledBack),
    read: (statement) => attempt(() => execute(statement), isTransient),
    list: <T extends Row>(statement: SQL) =>
      attempt(async () => (await neon.askAll([BY_INDEX, statement].map(toQuery)))[1] as T[], isTransient),
    batch: (statements) => attempt(() => neon.askAll(statements.map(toQuery)), hasRolledBack),
  };
}

/** A statement that was refused was answered. */
const observed = ({ ask, askAll }: Neon, observe: Observe): Neon => ({
  ask: (query) => timed(observe, () => ask(query), isStatementError),
  askAll: (queries) => timed(observe, () => askAll(queries), isStatementError),
});

/** The text of a statement, and its parameters as Postgres reads them. */
function toQuery(statement: SQL): Query {
  const { sql: query, params } = statement.toQuery(DIALECT);
  return { query, params: params.map(toText) };
}

/** How drizzle writes a statement down for Postgres; its own dialect comes with all of its query builders. */
const DIALECT: Parameters<SQL["toQuery"]>[0] = {
  escapeName: (name) => `"${name.replaceAll('"', '""')}"`,
  escapeParam: (index) => `$${index + 1}`,
  escapeString: (value) => `'${value.replaceAll("'", "''")}'`,
  // For columns of tables, which no statement names but by its text.
  casing: undefined as never,
};

function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map((item) => quoted(toText(item))).join(",")}}`;
  if (typeof value === "object") throw new TypeError("a parameter is text, a number, a boolean or a list of them");
  return String(value);
}

const quoted = (item: string | null): string => (item === null ? "NULL" : `"${item.replaceAll(/["\\]/g, "\\$&")}"`);

/** Begins a batch whose statements go by their indexes. */
export const BY_INDEX: SQL = sql`
  select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/** Whether an error says that a unique constraint stopped the statement. */
export const isUniqueViolation = (error: unknown, constraint: string): boolean =>
  isStatementError(error) && error.code === "23505" && error.constraint === constraint;

async function attempt<T>(work: () => Promise<T>, mayRetry: (error: unknown) => boolean): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!mayRetry(error)) throw told(error);
  }
  try {
    return await work();
  } catch (error) {
    throw told(error);
  }
}

/** Serialization failure and deadlock: nothing happened, and a second try may pass. */
const hasRolledBack = (error: unknown) => isStatementError(error) && ["40001", "40P01"].includes(error.code);

/** No answer, too many connections, a shutdown, a cancelled query. */
const isTransient = (error: unknown) =>
  isUnreachable(error) || (isStatementError(error) && /^(08|40|53|57)/.test(error.code));

function told(error: unknown): unknown {
  if (isTransient(error)) return unavailable("database");
  return isStatementError(error) && MISSING.includes(error.code) ? unavailable("database", BEHIND) : error;
}

/** A table, a column, a function or a schema that isn't there. A client keeps its tokens on the 503 that this becomes. */
const MISSING = ["42P01", "42703", "42883", "3F000"];
const BEHIND = "it lacks what this version needs; run npm run db:migrate";

/** Whether an error says that the Worker was deployed before its migration. */
export const isBehind = (error: unknown): boolean => isUnavailable(error) && error.detail === BEHIND;
