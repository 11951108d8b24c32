import { type SQL, sql } from "drizzle-orm";

/** A provider at which a resource may use accounts, and the account that a person has linked there. */
export type NeededProvider = {
  readonly slug: string;
  readonly name: string;
  readonly scopes: readonly { readonly name: string; readonly description: string; readonly broad: boolean }[];
  readonly account: {
    readonly label: string;
    readonly scopes: readonly string[];
    readonly state: "good" | "needs_sign_in";
  } | null;
};

/** A list of `NeededProvider`. */
export const neededProviders = (resourceId: SQL, userId: SQL): SQL => sql`
  (select coalesce(jsonb_agg(jsonb_build_object('slug', p.slug, 'name', p.name, 'scopes', p.scopes, 'account', (
      select jsonb_build_object('label', l.label, 'scopes', to_jsonb(l.scopes), 'state', l.state)
      from linked_accounts l where l.user_id = ${userId} and l.provider = p.slug)) order by p.slug), '[]')
    from provider_resources a join providers p on p.slug = a.provider where a.resource_id = ${resourceId})`;
