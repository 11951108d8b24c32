import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import type { Resource } from "./resources.ts";
import { resourceAsJson } from "./resources.ts";
import { epoch, integer, text } from "./sql.ts";
import { countLiveFamilies, countLivePeople } from "./token-families.ts";

/** A resource as the owner sees it. */
export type ResourceDetails = Resource & {
  readonly isDefault: boolean;
  /** Up to `MOST_COUNTED`. */
  readonly liveFamilies: number;
  /** How many people would lose access with it. */
  readonly livePeople: number;
  /** When its live introspection credentials were made, in seconds since 1970. */
  readonly credentials: readonly number[];
};

/** Over a page of `resources r`. */
const selectDetails = (page: SQL, actor: Actor): SQL => sql`
  with page as (select * from (${page}) r where ${isAuthorized(actor)})
  select ${resourceAsJson} || jsonb_build_object('isDefault', r.is_default,
    'livePeople', ${countLivePeople("resource_id", sql`r.id`, actor.now)},
    'liveFamilies', ${countLiveFamilies("resource_id", sql`r.id`, actor.now)},
    'credentials', (select coalesce(jsonb_agg(${epoch(sql`i.created_at`)} order by i.created_at), '[]')
      from introspection_credentials i where i.resource_id = r.id)) as resource
  from page r order by r.uri`;

type Row = { resource: ResourceDetails };

/** A page of resources in the order of their URIs. */
export async function listResources(
  db: Database,
  { after, limit }: { readonly after: string | null; readonly limit: number },
  actor: Actor,
): Promise<ResourceDetails[]> {
  const page = sql`select * from resources where uri > coalesce(${text(after)}, '') order by uri limit ${integer(limit)}`;
  return (await db.list<Row>(selectDetails(page, actor))).map(({ resource }) => resource);
}

export async function findResource(db: Database, id: string, actor: Actor): Promise<ResourceDetails | null> {
  const [row] = await db.list<Row>(selectDetails(sql`select * from resources where id = ${text(id)}`, actor));
  return row?.resource ?? null;
}

export async function findResourceOfUri(db: Database, uri: string, actor: Actor): Promise<ResourceDetails | null> {
  const [row] = await db.list<Row>(selectDetails(sql`select * from resources where uri = ${text(uri)}`, actor));
  return row?.resource ?? null;
}
