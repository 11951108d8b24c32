import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized, isLiveSession, type SessionKey } from "./actor.ts";
import { judgeApp, judgeDeviceApp } from "./app-rules.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import type { ClientRegistration } from "./clients.ts";
import type { Database } from "./database.ts";
import { epoch, integer, text, textArray, timestamptz, uuid } from "./sql.ts";

export type NewAppRequest = {
  readonly id: string;
  readonly session: SessionKey;
  readonly clientId: string;
  readonly resourceId: string;
  readonly scopes: readonly string[];
  /** Where the answer would go. Null for a device. */
  readonly redirectHost: string | null;
};

/** So many apps may wait for one person, so that nobody fills the owner's page. */
const MAX_OF_PERSON = 20;

/**
 * Stores a person's request for the owner's decision, once for each app and person, and again if the app has changed.
 * Returns its id and whether it is new. Null for one too many, or if nobody is signed in.
 */
export async function holdAppRequest(
  db: Database,
  request: NewAppRequest,
  actor: Actor,
): Promise<{ readonly id: string; readonly isNew: boolean } | null> {
  const { clientId, resourceId } = request;
  const person = sql`(select s.user_id from sessions s join users u on u.id = s.user_id where ${isLiveSession(request.session, actor.now)})`;
  const rows = await db.batch([
    // Locks the rows that it refers to first, in the lock order.
    sql`select id from users where id = ${person} for key share`,
    sql`select id from clients where id = ${text(clientId)} for key share`,
    sql`select id from resources where id = ${text(resourceId)} for key share`,
    sql`with ${recorded("app_requested", "held", actor)`
        insert into app_requests as q (id, user_id, client_id, resource_id, scopes, redirect_host, fingerprint, created_at)
        select ${uuid(request.id)}, u.id, c.id, r.id, ${textArray(request.scopes)}, ${text(request.redirectHost)}, c.fingerprint,
          ${timestamptz(actor.now)}
        from users u, clients c, resources r
        where u.id = ${person} and c.id = ${text(clientId)} and r.id = ${text(resourceId)}
          and (exists (select from app_requests o where o.user_id = u.id and o.client_id = c.id)
            or (select count(*) from app_requests o where o.user_id = u.id) < ${integer(MAX_OF_PERSON)})
        on conflict (user_id, client_id) do update set
          (id, resource_id, scopes, redirect_host, fingerprint, created_at, told_at, tries) = row (
            excluded.id, excluded.resource_id, excluded.scopes, excluded.redirect_host, excluded.fingerprint, excluded.created_at,
            null, 0)
          where q.fingerprint <> excluded.fingerprint
        returning ${auditColumns({ userId: sql`q.user_id`, clientId: sql`q.client_id`, resourceId: sql`q.resource_id` })}, q.id`}
      select id from held`,
    sql`select id from app_requests where user_id = ${person} and client_id = ${text(clientId)}`,
  ]);
  const id = rows.at(-1)?.[0]?.["id"];
  return typeof id === "string" ? { id, isNew: (rows.at(-2)?.length ?? 0) > 0 } : null;
}

/** A request that waits for the owner. */
export type AppRequest = {
  readonly id: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly registration: ClientRegistration;
  /** The fingerprint that an approval is bound to, in hex. */
  readonly fingerprint: string;
  readonly email: string;
  readonly resourceName: string;
  readonly resourceUri: string;
  readonly scopes: readonly string[];
  readonly redirectHost: string | null;
  /** Seconds since 1970. */
  readonly requestedAt: number;
};

/**
 * Requests `q` of `clients c` that still wait: the owner has decided nothing about the client, and no rule lets it in
 * now.
 */
const waiting: SQL = sql`
  from app_requests q join clients c on c.id = q.client_id
  where c.disabled_at is null and case when q.redirect_host is null then ${judgeDeviceApp} else ${judgeApp(sql`q.redirect_host`)} end = 'ask'`;

const columns = sql`q.id, q.client_id as "clientId", c.name as "clientName", c.registration, encode(c.fingerprint, 'hex') as "fingerprint",
  u.email, r.name as "resourceName", r.uri as "resourceUri", to_jsonb(q.scopes) as "scopes", q.redirect_host as "redirectHost",
  ${epoch(sql`q.created_at`)} as "requestedAt"`;

const MOST_LISTED = 100;

const select = (where: SQL, limit: number): SQL => sql`
  select ${columns} from (select q.* ${waiting} and ${where} order by q.created_at limit ${integer(limit)}) q
    join clients c on c.id = q.client_id join users u on u.id = q.user_id join resources r on r.id = q.resource_id
  order by q.created_at`;

/** The requests that wait, the longest first, up to a hundred. */
export const listAppRequests = (db: Database, actor: Actor): Promise<AppRequest[]> =>
  db.list<AppRequest>(select(isAuthorized(actor), MOST_LISTED));

/** How many apps wait, as an expression. */
export const countWaitingApps = (most: number): SQL => sql`
  (select count(distinct client_id)::int from (select q.client_id ${waiting} limit ${integer(most)}) waiting)`;

/** Claims those that the owner hasn't been told of, for another try, so that two runs at once tell each only once. */
export function claimUntoldRequests(
  db: Database,
  { id, maxTries, limit }: { readonly id: string | null; readonly maxTries: number; readonly limit: number },
): Promise<AppRequest[]> {
  return db.run<AppRequest>(sql`
    with claimed as (
      update app_requests set tries = tries + 1
      where id in (
        select q.id ${waiting} and q.told_at is null and q.tries < ${integer(maxTries)} and q.id = coalesce(${uuid(id)}, q.id)
        order by q.created_at limit ${integer(limit)} for update of q skip locked)
      returning *)
    select ${columns} from claimed q
      join clients c on c.id = q.client_id join users u on u.id = q.user_id join resources r on r.id = q.resource_id`);
}

/** Records that the owner's webhook accepted it. */
export const markRequestTold = (db: Database, id: string, now: Date) =>
  db.run(sql`update app_requests set told_at = ${timestamptz(now)} where id = ${uuid(id)}`);
