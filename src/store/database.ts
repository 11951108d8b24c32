import { type SQL, sql } from "drizzle-orm";
import { type Observe, timed } from "../lib/data-points.ts";
import { isUnavailable, unavailable } from "../lib/unavailable.ts";
import { connectNeon, isStatementError, isUnreachable, type Neon, type Query, type Row } from "./neon.ts";

export type Database = {
  /** Runs one statement that may write. Sends it again only if the database said that it rolled back. */
  run<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs one statement that only reads. Sends it once more if the database couldn't be reached. */
  read<T extends Row>(statement: SQL): Promise<T[]>;
  /**
   * Reads a part of a long list by its indexes, overriding the planner. Before tables are analyzed, it knows little
   * about them, and assumes that rare rows will soon be found.
   */
  list<T extends Row>(statement: SQL): Promise<T[]>;
  /** Runs statements in one transaction and one round trip. Each sees the changes of those before it. */
  batch(statements: readonly [SQL, ...SQL[]]): Promise<Row[][]>;
};

/** Connects to Neon, or to a stand-in if the URL names this machine. */
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

/** A refused statement still counts as answered. */
const observed = ({ ask, askAll }: Neon, observe: Observe): Neon => ({
  ask: (query) => timed(observe, () => ask(query), isStatementError),
  askAll: (queries) => timed(observe, () => askAll(queries), isStatementError),
});

/** The text of a statement, and its parameters as Postgres reads them. */
function toQuery(statement: SQL): Query {
  const { sql: query, params } = statement.toQuery(DIALECT);
  return { query, params: params.map(toText) };
}

/**
 * Renders a statement for Postgres as drizzle does. Drizzle's own dialect would bring all of its query builders along.
 */
const DIALECT: Parameters<SQL["toQuery"]>[0] = {
  escapeName: (name) => `"${name.replaceAll('"', '""')}"`,
  escapeParam: (index) => `$${index + 1}`,
  escapeString: (value) => `'${value.replaceAll("'", "''")}'`,
  // Encodes table columns. No statement of ours names one except by its text.
  casing: undefined as never,
};

function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map((item) => quoted(toText(item))).join(",")}}`;
  if (typeof value === "object") throw new TypeError("a parameter is text, a number, a boolean or a list of them");
  return String(value);
}

const quoted = (item: string | null): string => (item === null ? "NULL" : `"${item.replaceAll(/["\\]/g, "\\$&")}"`);

/**
 * Begins a batch whose statements look rows up by index, one by one. By some statistics, Postgres would rather merge the
 * few rows of a page with a whole table.
 */
export const BY_INDEX: SQL = sql`
  select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_mergejoin', 'off', true)`;

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

/** Serialization failure and deadlock: nothing happened, so a second try may succeed. */
const hasRolledBack = (error: unknown) => isStatementError(error) && ["40001", "40P01"].includes(error.code);

/** No answer, too many connections, a shutdown, a cancelled query. */
const isTransient = (error: unknown) =>
  isUnreachable(error) || (isStatementError(error) && /^(08|40|53|57)/.test(error.code));

function told(error: unknown): unknown {
  if (isTransient(error)) return unavailable("database");
  return isStatementError(error) && MISSING.includes(error.code) ? unavailable("database", BEHIND) : error;
}

/** A missing table, column, function or schema. It becomes a 503, on which a client keeps its tokens. */
const MISSING = ["42P01", "42703", "42883", "3F000"];
const BEHIND = "it lacks what this version needs: run npm run db:migrate";

/** Whether an error says that the Worker was deployed before its migration. */
export const isBehind = (error: unknown): boolean => isUnavailable(error) && error.detail === BEHIND;
