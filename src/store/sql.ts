import { type SQL, sql } from "drizzle-orm";
import { encodeHex } from "../lib/hex.ts";

/**
 * Parameters with their casts. Postgres can't infer the type of a parameter that is only compared with null, and fails
 * with 42P18 on one that isn't used at all.
 */
export const text = (value: string | null): SQL => sql`${value}::text`;
export const textArray = (value: readonly string[] | null): SQL =>
  sql`${value === null ? null : sql.param([...value])}::text[]`;
export const uuid = (value: string | null): SQL => sql`${value}::uuid`;
export const integer = (value: number | null): SQL => sql`${value}::int`;
export const bigint = (value: number | null): SQL => sql`${value}::bigint`;
export const boolean = (value: boolean): SQL => sql`${value}::boolean`;
export const json = (value: unknown): SQL => sql`${value === null ? null : JSON.stringify(value)}::jsonb`;
export const timestamptz = (value: Date | null): SQL =>
  sql`${value === null ? null : value.toISOString()}::timestamptz`;
export const bytea = (value: Uint8Array | null): SQL => sql`${value === null ? null : toHex(value)}::bytea`;

/** `now` plus a number of seconds. */
export const plus = (now: Date, seconds: number): SQL =>
  sql`(${timestamptz(now)} + ${integer(seconds)} * interval '1 second')`;

/** `now` minus a number of seconds. */
export const minus = (now: Date, seconds: number): SQL => plus(now, -seconds);

/** Times leave the database as seconds since 1970, as OAuth wants them (RFC 7662 §2.2). */
export const epoch = (column: SQL): SQL<number> => sql`floor(extract(epoch from ${column}))::float8`;

/** The same in milliseconds, for comparisons with a clock of ours. */
export const milliseconds = (column: SQL): SQL<number> => sql`floor(extract(epoch from ${column}) * 1000)::float8`;

const toHex = (value: Uint8Array): string => `\\x${encodeHex(value)}`;
