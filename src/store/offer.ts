import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { text } from "./sql.ts";

/** More than any deployment has. A metadata document of many kilobytes helps nobody. */
const MOST = 500;

/** What the metadata of this server tells of what its owner has set up. */
export type Offer = {
  /** The names of all scopes that a resource offers, those of the default resource first. */
  readonly scopes: readonly string[];
  /** Whether any issuer is trusted, and any that vouches for people. */
  readonly takesAssertions: boolean;
  readonly takesIdentityAssertions: boolean;
};

export async function findOffer(db: Database): Promise<Offer> {
  const [offer] = await db.read<Offer>(sql`
    select array(
        select s.name from scopes s join resources r on r.id = s.resource_id
        group by s.name order by bool_or(r.is_default) desc, min(s.position), s.name limit ${sql.raw(String(MOST))}) as "scopes",
      exists (select from trusted_issuers where disabled_at is null) as "takesAssertions",
      exists (select from trusted_issuers where disabled_at is null and vouches) as "takesIdentityAssertions"`);
  if (!offer) throw new Error("a statement without a table returns a row");
  return offer;
}

/**
 * Whether a resource has this URI (or any exists, if none is named), and which scopes of a list (RFC 6749 §3.3) it
 * lacks.
 */
type OfferGaps = { readonly resourceFound: boolean; readonly unoffered: readonly string[] };

export async function findOfferGaps(db: Database, scope: string | null, uri: string | null): Promise<OfferGaps> {
  const [gaps] = await db.read<OfferGaps>(sql`
    with named as (select r.id from resources r where r.uri = coalesce(${text(uri)}, r.uri))
    select exists (select from named) as "resourceFound", array(
      select n.name from unnest(string_to_array(${text(scope)}, ' ')) with ordinality n(name, position)
      where n.name <> '' and not exists (
        select from scopes s where s.name = n.name and s.resource_id in (select id from named))
      order by n.position) as "unoffered"`);
  return gaps ?? { resourceFound: false, unoffered: [] };
}
