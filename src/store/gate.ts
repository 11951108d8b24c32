import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { IssuedTokens } from "./issued-tokens.ts";

/**
 * The functions in the database that this Worker calls, each with its version. Each has a file in `gates/`, and `cli
 * migrate` installs them. A changed function gets a new version, since a Worker that still runs calls the previous one.
 */
export const GATES = {
  exchange_token: 1,
  grant_to_machine: 2,
  grant_to_workload: 1,
  introspect: 2,
  issue_code: 2,
  poll_device_code: 2,
  record_tool_calls: 1,
  redeem_assertion: 1,
  redeem_code: 2,
  request_device_code: 1,
  revoke_families: 1,
  revoke_token: 1,
  rotate_refresh_token: 2,
} as const;

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
export async function callGate<T>(
  db: Database,
  name: keyof typeof GATES,
  parameters: Readonly<Record<string, SQL>>,
): Promise<T> {
  const named = Object.entries(parameters).map(([key, value]) => sql`${sql.raw(`p_${key}`)} => ${value}`);
  const [row] = await db.run<{ answer: T }>(
    sql`select ${sql.raw(`${name}_${GATES[name]}`)}(${sql.join(named, sql`, `)}) as answer`,
  );
  if (!row) throw new Error("a function returns a row");
  return row.answer;
}
