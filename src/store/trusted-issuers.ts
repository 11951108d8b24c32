import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { SigningKeys } from "./client-keys.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { boolean, epoch, json, minus, text, textArray, timestamptz, uuid } from "./sql.ts";
import { type RevocationReason, revokeSelected } from "./token-families.ts";

/** What the owner says about an issuer whose assertions are accepted. */
type NewIssuer = {
  readonly name: string;
  readonly issuer: string;
  readonly jwks: object | null;
  readonly jwksUri: string | null;
  readonly vouches: boolean;
  readonly tenant: string | null;
  readonly linksAddresses: boolean;
  readonly joining: readonly string[];
  readonly refreshes: boolean;
};

/** An issuer as the token endpoint needs it. */
export type FoundIssuer = SigningKeys & {
  readonly id: string;
  readonly isEnabled: boolean;
  readonly vouches: boolean;
  readonly tenant: string | null;
  readonly rules: readonly WorkloadRule[];
};

/** Which programs a machine is: patterns by claim, see `oauth/workload.ts`. */
export type WorkloadRule = {
  readonly clientId: string;
  readonly resourceUri: string;
  readonly audience: string;
  readonly claims: Readonly<Record<string, string>>;
};

/** The issuer that an assertion names, with its keys and rules. Null if the owner doesn't trust it. */
export async function findTrustedIssuer(
  db: Database,
  issuer: string,
  maxAgeSeconds: number,
  now: Date,
): Promise<FoundIssuer | null> {
  const [found] = await db.read<FoundIssuer>(sql`
    select t.id, t.disabled_at is null as "isEnabled", t.vouches, t.tenant,
      coalesce(t.jwks, t.fetched_jwks) as "jwks", t.jwks_uri as "jwksUri",
      t.jwks is null and t.fetched_jwks is not null
        and coalesce(t.jwks_fetched_at, '-infinity') < ${minus(now, maxAgeSeconds)} as "outdated",
      (select coalesce(jsonb_agg(jsonb_build_object(
          'clientId', w.client_id, 'resourceUri', r.uri, 'audience', w.audience, 'claims', w.claims) order by w.created_at, w.client_id), '[]')
        from workload_rules w join clients c on c.id = w.client_id join resources r on r.id = c.resource_id
        where w.issuer_id = t.id) as "rules"
    from trusted_issuers t where t.issuer = ${text(issuer)}`);
  return found ?? null;
}

/**
 * Claims the right to fetch an issuer's keys, once an interval. A caller that gets false has to use the keys that are
 * there.
 */
export async function claimIssuerKeyFetch(
  db: Database,
  id: string,
  intervalSeconds: number,
  now: Date,
): Promise<boolean> {
  const rows = await db.run(sql`
    update trusted_issuers set jwks_asked_at = ${timestamptz(now)}
    where id = ${uuid(id)} and coalesce(jwks_asked_at, '-infinity') <= ${minus(now, intervalSeconds)}
    returning id`);
  return rows.length > 0;
}

export async function updateIssuerKeys(
  db: Database,
  id: string,
  { jwksUri, jwks }: { readonly jwksUri: string; readonly jwks: object },
  now: Date,
): Promise<void> {
  await db.run(sql`
    update trusted_issuers set fetched_jwks = ${json(jwks)}, jwks_fetched_at = ${timestamptz(now)}
    where id = ${uuid(id)} and jwks_uri = ${text(jwksUri)} returning id`);
}

const named = sql`jsonb_build_object('issuer', name)`;

/** Trusts an issuer. False if its name or its URL is taken, or if the actor may not. */
export async function insertTrustedIssuer(
  db: Database,
  issuer: NewIssuer & { readonly fetchedJwks: object | null },
  actor: Actor,
): Promise<boolean> {
  const { fetchedJwks } = issuer;
  try {
    const rows = await db.run(sql`
      with ${recorded("issuer_added", "added", actor, named)`
        insert into trusted_issuers
          (name, issuer, jwks, jwks_uri, fetched_jwks, jwks_fetched_at, vouches, tenant, links_addresses, joining, refreshes, created_at)
        select ${text(issuer.name)}, ${text(issuer.issuer)}, ${json(issuer.jwks)}, ${text(issuer.jwksUri)},
          ${json(fetchedJwks)}, ${timestamptz(fetchedJwks && actor.now)}, ${boolean(issuer.vouches)}, ${text(issuer.tenant)}, ${boolean(issuer.linksAddresses)}, ${textArray(issuer.joining)},
          ${boolean(issuer.refreshes)}, ${timestamptz(actor.now)}
        where ${isAuthorized(actor)}
        returning ${auditColumns({})}, name`}
      select name from added`);
    return rows.length > 0;
  } catch (error) {
    const isTaken = ["trusted_issuers_name_unique", "trusted_issuers_issuer_unique"].some((constraint) =>
      isUniqueViolation(error, constraint),
    );
    if (isTaken) return false;
    throw error;
  }
}

/**
 * Locks an issuer against the gates that accept its assertions, so that what they made before is found, and nothing is
 * made after.
 */
const holdIssuer = (name: string, actor: Actor): readonly [SQL, ...SQL[]] => [
  ...lockUsers(actor),
  sql`select id from trusted_issuers where name = ${text(name)} and ${isAuthorized(actor)} for update`,
];

/** Ends everything that came by an issuer: tokens of people and of machines. */
const endFamilies = (name: string, reason: RevocationReason, actor: Actor): SQL => sql`
  with ${revokeSelected(
    sql`f.issuer_id = (select id from trusted_issuers where name = ${text(name)}) and ${isAuthorized(actor)}`,
    reason,
    actor,
  )} select family_id from revoked`;

/** Stops accepting an issuer's assertions, and ends everything that came by it. False if there is none. */
export async function disableIssuer(db: Database, name: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...holdIssuer(name, actor),
    sql`with ${recorded("issuer_disabled", "changed", actor, named)`
        update trusted_issuers set disabled_at = ${timestamptz(actor.now)}
        where name = ${text(name)} and disabled_at is null and ${isAuthorized(actor)}
        returning ${auditColumns({})}, name`}
      select name from changed`,
    endFamilies(name, "issuer_disabled", actor),
    sql`select id from trusted_issuers where name = ${text(name)} and ${isAuthorized(actor)}`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** Accepts its assertions again. What has ended stays ended. */
export async function enableIssuer(db: Database, name: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...holdIssuer(name, actor),
    sql`with ${recorded("issuer_enabled", "changed", actor, named)`
        update trusted_issuers set disabled_at = null
        where name = ${text(name)} and disabled_at is not null and ${isAuthorized(actor)}
        returning ${auditColumns({})}, name`}
      select name from changed`,
    sql`select id from trusted_issuers where name = ${text(name)} and ${isAuthorized(actor)}`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** Deletes an issuer with the machines of its rules, and ends everything that came by it. False if there is none. */
export async function deleteTrustedIssuer(db: Database, name: string, actor: Actor): Promise<boolean> {
  const machines = sql`(select w.client_id from workload_rules w join trusted_issuers t on t.id = w.issuer_id
    where t.name = ${text(name)})`;
  const rows = await db.batch([
    ...holdIssuer(name, actor),
    sql`select id from clients where id in ${machines} and ${isAuthorized(actor)} order by id for update`,
    endFamilies(name, "issuer_removed", actor),
    sql`with ${recorded("client_deleted", "client", actor)`
        delete from clients where id in ${machines} and ${isAuthorized(actor)} returning ${auditColumns({ clientId: sql`id` })}`}
      select client_id from client`,
    sql`with ${recorded("issuer_removed", "gone", actor, named)`
        delete from trusted_issuers where name = ${text(name)} and ${isAuthorized(actor)} returning ${auditColumns({})}, name`}
      select name from gone`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

export type ListedIssuer = NewIssuer & {
  readonly isEnabled: boolean;
  /** How many people it has named, and how many machines are its programs. */
  readonly people: number;
  readonly workloads: number;
  /** When its keys were fetched, in seconds since 1970. Null if they never were. */
  readonly keysFetchedAt: number | null;
};

/** All of them, by name. An owner trusts only a handful. */
export const listTrustedIssuers = (db: Database, actor: Actor): Promise<ListedIssuer[]> =>
  db.list<ListedIssuer>(sql`
    select t.name, t.issuer, t.jwks, t.jwks_uri as "jwksUri", t.vouches, t.tenant, t.links_addresses as "linksAddresses",
      to_jsonb(t.joining) as "joining", t.refreshes, t.disabled_at is null as "isEnabled",
      (select count(*)::int from issuer_subjects s where s.issuer_id = t.id) as "people",
      (select count(*)::int from workload_rules w where w.issuer_id = t.id) as "workloads",
      ${epoch(sql`t.jwks_fetched_at`)} as "keysFetchedAt"
    from trusted_issuers t where ${isAuthorized(actor)} order by t.name limit 200`);
