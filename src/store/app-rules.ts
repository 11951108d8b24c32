import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { Database } from "./database.ts";
import { text, timestamptz } from "./sql.ts";
import { revokeSelected } from "./token-families.ts";

export type AppRule = {
  readonly kind: "document" | "registered" | "redirect";
  readonly pattern: string;
  readonly decision: "welcome" | "ask" | "refuse";
};

/** What the rules say about `clients c` if its answer goes to a host. Null asks whether there is any way in for it. */
export const judgeApp = (host: SQL): SQL => sql`
  judge_app_1(c.registration, c.id, c.invited, coalesce(c.approved_fingerprint = c.fingerprint, false), c.redirect_hosts, ${host})`;

/** The same of `clients c` on a device, where no answer goes anywhere. */
export const judgeDeviceApp: SQL = sql`
  case when ${judgeApp(sql`null`)} = 'refuse' then 'refuse'
    else judge_app_1(c.registration, c.id, c.invited, coalesce(c.approved_fingerprint = c.fingerprint, false), null, null) end`;

export const listAppRules = (db: Database, actor: Actor): Promise<AppRule[]> =>
  db.list<AppRule>(sql`
    select kind, pattern, decision from app_rules where ${isAuthorized(actor)}
    order by kind, pattern in ('*', '*:') desc, pattern`);

/**
 * The first statements of a change of which apps may come in. The gates that issue codes and create families take this
 * lock shared. A gate that comes before has committed, so what it issued is found. One that comes after sees the
 * change. The lock comes before people in the lock order.
 */
const holdRules = (actor: Actor): readonly [SQL, ...SQL[]] => [
  sql`select pg_advisory_xact_lock(1635083369, 2000)`,
  ...lockUsers(actor),
];

/** Sets what happens to the apps that a rule names. Apps that it refuses lose their access. */
export async function upsertAppRule(db: Database, rule: AppRule, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...holdRules(actor),
    sql`with ${recorded("app_rule_set", "rule", actor, DETAILS)`
        insert into app_rules as r (kind, pattern, decision, created_at)
        select ${text(rule.kind)}, ${text(rule.pattern)}, ${text(rule.decision)}, ${timestamptz(actor.now)}
        where ${isAuthorized(actor)}
        on conflict (kind, pattern) do update set decision = excluded.decision where r.decision <> excluded.decision
        returning ${auditColumns({})}, r.kind, r.pattern, r.decision`}
      select kind from rule`,
    ...endRefused(rule, actor),
    sql`select kind from app_rules where ${isAuthorized(actor)} limit 1`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** Deletes a rule. Apps that another rule refuses then lose their access. */
export async function deleteAppRule(
  db: Database,
  rule: Pick<AppRule, "kind" | "pattern">,
  actor: Actor,
): Promise<boolean> {
  const rows = await db.batch([
    ...holdRules(actor),
    sql`with ${recorded("app_rule_removed", "rule", actor, DETAILS)`
        delete from app_rules where kind = ${text(rule.kind)} and pattern = ${text(rule.pattern)} and ${isAuthorized(actor)}
        returning ${auditColumns({})}, kind, pattern, decision`}
      select kind from rule`,
    ...endRefused(rule, actor),
  ]);
  return (rows.at(RULE_ROWS)?.length ?? 0) > 0;
}

/** The position of the change's answer in the batch, after the three locking statements. */
const RULE_ROWS = 3;

const DETAILS = sql`jsonb_build_object('kind', kind, 'pattern', pattern, 'decision', decision)`;

/**
 * The statements that end the access of clients that a rule concerns and that are refused now. A connection doesn't
 * record the redirect URI that it came by, so one refused URI ends them all. A client with another URI that is welcome
 * comes in again by that.
 */
function endRefused({ kind, pattern }: Pick<AppRule, "kind" | "pattern">, actor: Actor): readonly SQL[] {
  const host = kind === "document" ? sql`substring(c.id from '^https://([^/]+)')` : sql`h`;
  const isNamed = sql`(${host} = ${text(pattern)}
    or ${text(pattern)} = '*' and ${host} not like '%:' and ${host} <> 'loopback'
    or ${text(pattern)} = '*:' and ${host} like '%:'
    or ${text(pattern)} like '*.%' and right(${host}, length(${text(pattern)}) - 1) = substr(${text(pattern)}, 2))`;
  const concerned = {
    document: sql`c.registration = 'metadata_document' and ${isNamed}`,
    registered: sql`c.registration = 'dynamic'`,
    redirect: sql`c.registration <> 'preregistered' and ${isNamed}`,
  }[kind];
  const ofRefused = sql`f.client_id = any(array(
    select c.id from clients c, unnest(coalesce(nullif(c.redirect_hosts, '{}'), array[null::text])) h
    where ${concerned} and ${judgeApp(sql`h`)} = 'refuse')) and ${isAuthorized(actor)}`;
  return [
    sql`with ${revokeSelected(ofRefused, "app_refused", actor)} select family_id from revoked`,
    sql`delete from authorization_codes f where f.redeemed_at is null and ${ofRefused}`,
    sql`delete from device_codes f where f.redeemed_at is null and ${ofRefused}`,
  ];
}
