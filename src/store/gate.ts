import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type manifest from "./gates/manifest.json";
import type { IssuedTokens } from "./issued-tokens.ts";

/**
 * A function in the database, with its version. Each has a file in `gates/`, and `cli migrate` installs them. A changed
 * function gets a new version, since a Worker that still runs calls the previous one.
 */
type GateName = keyof typeof manifest;

/** The conditions of a gate, each with whether it holds. All have to. */
export type Conditions = Readonly<Record<string, boolean | null>>;

/** The refusal of a gate, and whether the request was a replay, which has revoked what the first one got. */
export type Refused = {
  readonly refused: Conditions;
  readonly replayed?: boolean;
  readonly userId?: string | null;
  readonly familyId?: string | null;
};

/** The answer of a gate that issues tokens. */
export type IssuingGate = { readonly issued: IssuedTokens; readonly sealedAnswer?: string } | Refused;

/** Calls a function of `gates/` by the names of its parameters, without their `p_`. */
export async function callGate<T>(db: Database, name: GateName, parameters: Readonly<Record<string, SQL>>): Promise<T> {
  const named = Object.entries(parameters).map(([key, value]) => sql`${sql.raw(`p_${key}`)} => ${value}`);
  const [row] = await db.run<{ answer: T }>(sql`select ${sql.raw(name)}(${sql.join(named, sql`, `)}) as answer`);
  if (!row) throw new Error("a function returns a row");
  return row.answer;
}
