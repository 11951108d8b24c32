import { type SQL, sql } from "drizzle-orm";
import { integer } from "./sql.ts";

/**
 * How many rows of a list are looked at for one page, so that searching for something rare costs no more in a long list
 * than in a short one.
 */
export const MOST_WALKED = 2000;

/** The rows that were found, and the last row that was looked at if the list goes on and too few were found. */
export type Walked<T> = { readonly rows: readonly T[]; readonly walkedTo: string | null };

type Walk = {
  /** The list from the start of the page, in the order of an index. */
  readonly from: SQL;
  /** The condition on a row `w`. */
  readonly matches: SQL;
  /** A row that is searched for by its exact name, and found wherever it is in the list. */
  readonly named?: SQL;
  /** The order for rows `w`, and its reverse. */
  readonly order: SQL;
  readonly reverse: SQL;
  /** The value of a row `w` after which the next page begins. */
  readonly cursor: SQL;
  readonly limit: number;
};

/** The CTEs `page`, with the first rows that match, and `walk`, to be left-joined to it. */
export const walk = ({ from, matches, named, order, reverse, cursor, limit }: Walk): SQL => sql`
  walked as materialized (${from} limit ${integer(MOST_WALKED)}),
  page as (
    select * from (select * from walked w where ${matches} ${named ? sql`union ${named}` : sql``}) w order by ${order} limit ${integer(limit)}),
  walk as (
    select case when (select count(*) from page) < ${integer(limit)}
        and (select count(*) from walked) = ${integer(MOST_WALKED)}
      then (select (${cursor})::text from walked w order by ${reverse} limit 1) end as walked_to)`;

type WalkedRow<T> = T & { readonly found: boolean; readonly walkedTo: string | null };

/** Takes apart rows with the columns `found` and `walkedTo`. */
export const toWalked = <T>(rows: readonly WalkedRow<T>[]): Walked<T> => ({
  rows: rows.filter(({ found }) => found).map(({ found: _, walkedTo: __, ...row }) => row as T),
  walkedTo: rows[0]?.walkedTo ?? null,
});
