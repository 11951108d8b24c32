import { sql } from "drizzle-orm";
import type { WrappedKey } from "../lib/key-wrapper.ts";
import type { Database } from "./database.ts";
import { integer, text } from "./sql.ts";

/** A data key, in the row that it seals. */
type WrappedRow = { readonly kind: "account" | "provider"; readonly id: string; readonly secret: WrappedKey };

/** Some of the rows whose data key is wrapped by another version of the vault key. */
export const listWrappedRows = (db: Database, current: string, limit: number): Promise<WrappedRow[]> =>
  db.read<WrappedRow>(sql`
    select kind, id, jsonb_build_object('keyVersion', key_version, 'wrappedKey', wrapped_key) as "secret" from (
      select 'account' as kind, id::text as id, key_version, wrapped_key from linked_accounts
      where key_version <> ${text(current)}
      union all
      select 'provider', slug, key_version, wrapped_key from providers where key_version <> ${text(current)}) rows
    limit ${integer(limit)}`);

/** Replaces a data key by the same one wrapped anew. False if the row has changed meanwhile. */
export async function updateWrappedKey(
  db: Database,
  { kind, id, secret }: WrappedRow,
  anew: WrappedKey,
): Promise<boolean> {
  const set = sql`set wrapped_key = ${text(anew.wrappedKey)}, key_version = ${text(anew.keyVersion)}`;
  const rows = await db.run(
    kind === "account"
      ? sql`update linked_accounts ${set} where id = ${text(id)}::uuid and wrapped_key = ${text(secret.wrappedKey)} returning true`
      : sql`update providers ${set} where slug = ${text(id)} and wrapped_key = ${text(secret.wrappedKey)} returning true`,
  );
  return rows.length > 0;
}

export type VaultCount = { readonly keyVersion: string; readonly rows: number };

/** How many rows need each version of the vault key. */
export const countWrappedRows = (db: Database): Promise<VaultCount[]> =>
  db.read<VaultCount>(sql`
    select key_version as "keyVersion", count(*)::int as "rows" from (
      select key_version from linked_accounts union all
      select key_version from providers where key_version is not null) rows
    group by key_version order by count(*) desc`);
