import { type SQL, sql } from "drizzle-orm";
import { text, texts } from "./sql.ts";

/**
 * Whether `resources r` is the one that `clients c` asks for: by its URI, or else the only one that the client may ask for, or
 * the default one.
 */
export const isRequestedResource = (uri: string | null): SQL =>
  uri === null
    ? sql`coalesce(r.id = c.resource_id, r.is_default)`
    : sql`(r.uri = ${text(uri)} and coalesce(c.resource_id, r.id) = r.id)`;

/**
 * The scopes that are asked for of those that `resources r` offers, in their order: the same arithmetic as
 * `grantableScopes`, for requests that are carried out without a look at the resource first.
 */
export const offeredScopes = (scopes: readonly string[] | null): SQL => sql`array(
  select s.name from scopes s
  where s.resource_id = r.id and ${scopes === null ? sql`s.is_default` : sql`s.name = any(${texts(scopes)})`}
  order by s.position)`;
