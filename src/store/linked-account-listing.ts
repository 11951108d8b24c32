import { sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { Database } from "./database.ts";
import { epoch, text, uuid } from "./sql.ts";

/** An account as its person sees it, without its tokens. Times in seconds since 1970. */
export type ListedAccount = {
  readonly id: string;
  readonly provider: string;
  readonly label: string;
  readonly state: "good" | "needs_sign_in";
  readonly scopes: readonly { readonly name: string; readonly description: string | null }[];
  readonly createdAt: number;
  /** The servers that may use it. */
  readonly uses: readonly {
    readonly resourceId: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly lastUsedAt: number | null;
  }[];
};

const usesOf = sql`
  (select coalesce(jsonb_agg(jsonb_build_object('resourceId', r.id, 'name', r.name, 'scopes', to_jsonb(g.scopes),
      'lastUsedAt', ${epoch(sql`g.last_used_at`)}) order by r.name, r.id), '[]')
    from account_grants g join resources r on r.id = g.resource_id where g.account_id = l.id)`;

/** The accounts that a person has linked, one at each provider. */
export const listLinkedAccounts = (db: Database, userId: string): Promise<ListedAccount[]> =>
  db.read<ListedAccount>(sql`
    select l.id, p.name as "provider", l.label, l.state, ${epoch(sql`l.created_at`)} as "createdAt", ${usesOf} as "uses",
      (select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'description',
          (select o ->> 'description' from jsonb_array_elements(p.scopes) o where o ->> 'name' = s.name)) order by s.n), '[]')
        from unnest(l.scopes) with ordinality s(name, n)) as "scopes"
    from linked_accounts l join providers p on p.slug = l.provider
    where l.user_id = ${uuid(userId)} order by p.name, l.id limit 100`);

/** An account as the owner sees it: its person, and the servers that used it. */
export type OwnersAccount = Pick<ListedAccount, "label" | "state" | "createdAt" | "uses"> & { readonly email: string };

/** The people who have linked an account at a provider. */
export const listProviderAccounts = (db: Database, provider: string, actor: Actor): Promise<OwnersAccount[]> =>
  db.read<OwnersAccount>(sql`
    select u.email, l.label, l.state, ${epoch(sql`l.created_at`)} as "createdAt", ${usesOf} as "uses"
    from linked_accounts l join users u on u.id = l.user_id
    where l.provider = ${text(provider)} and ${isAuthorized(actor)} order by u.email limit 200`);
