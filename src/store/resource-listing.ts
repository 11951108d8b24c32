import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { Resource } from "./resources.ts";
import { resourceAsJson } from "./resources.ts";
import { epoch, instant, integer, text } from "./sql.ts";

/** A resource as the owner sees it. */
export type ResourceDetails = Resource & {
  readonly isDefault: boolean;
  readonly liveFamilies: number;
  /** When its live introspection credentials were made, in seconds since 1970. */
  readonly credentials: readonly number[];
};

const details = (now: Date): SQL => sql`
  ${resourceAsJson} || jsonb_build_object('isDefault', r.is_default,
    'liveFamilies', (select count(*) from token_families f
      where f.resource_id = r.id and f.revoked_at is null and f.expires_at > ${instant(now)}),
    'credentials', (select coalesce(jsonb_agg(${epoch(sql`i.created_at`)} order by i.created_at), '[]')
      from introspection_credentials i where i.resource_id = r.id)) as resource`;

/** A page of resources in the order of their URIs. */
export async function listResources(
  db: Database,
  { after, limit }: { readonly after: string | null; readonly limit: number },
  now: Date,
): Promise<ResourceDetails[]> {
  const rows = await db.read<{ resource: ResourceDetails }>(sql`
    select ${details(now)} from resources r
    where r.uri > coalesce(${text(after)}, '') order by r.uri limit ${integer(limit)}`);
  return rows.map(({ resource }) => resource);
}

export async function findResource(db: Database, id: string, now: Date): Promise<ResourceDetails | null> {
  const [row] = await db.read<{ resource: ResourceDetails }>(
    sql`select ${details(now)} from resources r where r.id = ${text(id)}`,
  );
  return row?.resource ?? null;
}
