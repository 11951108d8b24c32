import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import type { Resource } from "./resources.ts";
import { resourceAsJson } from "./resources.ts";
import { epoch, text, timestamptz } from "./sql.ts";
import { countLiveFamilies, countLivePeople } from "./token-families.ts";

/** A credential with which a resource introspects. Seconds since 1970. */
type ListedCredential = {
  readonly createdAt: number;
  /** To the hour. Null for never. */
  readonly lastUsedAt: number | null;
};

/** A resource as the owner sees it. */
export type ResourceDetails = Resource & {
  readonly isDefault: boolean;
  /** True if it is for everybody, false if it is for those whom its rules name. */
  readonly isOpen: boolean;
  /** Up to `MOST_COUNTED`. */
  readonly liveFamilies: number;
  /** How many people would lose access if it were deleted. */
  readonly livePeople: number;
  /** One, or two while it is being rotated. */
  readonly credentials: readonly ListedCredential[];
};

/** Columns of `resources r`. */
const details = (actor: Actor): SQL => sql`
  ${resourceAsJson} || jsonb_build_object('isDefault', r.is_default, 'isOpen', r.is_open,
    'livePeople', ${countLivePeople("resource_id", sql`r.id`, actor.now)},
    'liveFamilies', ${countLiveFamilies("resource_id", sql`r.id`, actor.now)},
    'credentials', (
      select coalesce(jsonb_agg(jsonb_build_object('createdAt', ${epoch(sql`i.created_at`)}, 'lastUsedAt', ${epoch(sql`i.last_used_at`)})
        order by i.created_at), '[]')
      from introspection_credentials i where i.resource_id = r.id))`;

type Row = { readonly resource: ResourceDetails };

export const RESOURCE_STATES = ["connected", "unused"] as const;
/** Whether any app uses it, or that one of its credentials has never been used. */
export type ResourceState = (typeof RESOURCE_STATES)[number];

export type ResourceQuery = {
  /** A part of the name or the URI. Null for all. */
  readonly search: string | null;
  /** The URI after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
  /** Null for all. */
  readonly state: ResourceState | null;
  readonly fromZ: boolean;
};

/** The state of a resource `w`. */
function isInState(state: ResourceState | null, { now }: Actor): SQL {
  switch (state) {
    case null:
      return sql`true`;
    case "connected":
      return sql`exists (select from token_families f
        where f.resource_id = w.id and f.revoked_at is null and f.expires_at > ${timestamptz(now)})`;
    case "unused":
      return sql`exists (select from introspection_credentials i where i.resource_id = w.id and i.last_used_at is null)`;
  }
}

/** A page of resources in the order of their URIs, or in reverse. */
export async function listResources(
  db: Database,
  { search, after, limit, state, fromZ }: ResourceQuery,
  actor: Actor,
): Promise<Walked<ResourceDetails>> {
  const [direction, opposite] = fromZ ? [sql`desc`, sql`asc`] : [sql`asc`, sql`desc`];
  const { rows, walkedTo } = toWalked<Row>(
    await db.list(sql`
      with ${walk({
        from: sql`
          select * from resources r
          where ${isAuthorized(actor)} and (${text(after)} is null or r.uri ${fromZ ? sql`<` : sql`>`} ${text(after)})
          order by r.uri ${direction}`,
        matches: sql`${isInState(state, actor)} and (${text(search)} is null
          or strpos(lower(w.name), lower(${text(search)})) > 0 or strpos(lower(w.uri), lower(${text(search)})) > 0)`,
        order: sql`w.uri ${direction}`,
        reverse: sql`w.uri ${opposite}`,
        cursor: sql`w.uri`,
        limit,
      })}
      select ${details(actor)} as "resource", r.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page r on true order by r.uri ${direction}`),
  );
  return { rows: rows.map(({ resource }) => resource), walkedTo };
}

export const findResource = (db: Database, id: string, actor: Actor): Promise<ResourceDetails | null> =>
  findWhere(db, sql`r.id = ${text(id)}`, actor);

export const findResourceOfUri = (db: Database, uri: string, actor: Actor): Promise<ResourceDetails | null> =>
  findWhere(db, sql`r.uri = ${text(uri)}`, actor);

async function findWhere(db: Database, isIt: SQL, actor: Actor): Promise<ResourceDetails | null> {
  const [row] = await db.list<Row>(sql`
    select ${details(actor)} as "resource" from resources r where ${isIt} and ${isAuthorized(actor)}`);
  return row?.resource ?? null;
}
