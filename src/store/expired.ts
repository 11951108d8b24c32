import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { after, integer } from "./sql.ts";

export type Retention = {
  /** How long after its expiry an access token may still say whether it was used, for the replay of lost answers. */
  readonly replaySeconds: number;
  readonly sessionIdleSeconds: number;
  readonly auditDays: number;
};

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

/** How long the record of an ended connection stays, so that a person can see why it ended; and its client with it. */
const FAMILY_DAYS = 365;
const UNUSED_CLIENT_DAYS = 30;
/** A code is kept a day after it expired: redeeming it again still tells of a theft. */
const CODE_SECONDS = DAY;

/** What has outlived its use, by table; families before clients, since a client goes when it has none left. */
export const expiredRows = (now: Date, { replaySeconds, sessionIdleSeconds, auditDays }: Retention) => {
  const before = (seconds: number) => after(now, -seconds);
  return {
    authorization_codes: sql`t.expires_at < ${before(CODE_SECONDS)}`,
    // One that was never redeemed tells of nothing; its device is told for an hour that it expired.
    device_codes: sql`t.expires_at < ${before(CODE_SECONDS)}
      or (t.redeemed_at is null and t.expires_at < ${before(HOUR)})`,
    access_tokens: sql`t.expires_at < ${before(replaySeconds)}`,
    // A spent one is kept until then too: presenting it is how a theft shows.
    refresh_tokens: sql`t.expires_at < ${before(0)}`,
    // What a machine was granted is nobody's history.
    token_families: sql`coalesce(t.revoked_at, t.expires_at) < ${before(FAMILY_DAYS * DAY)}
      or (t.user_id is null and t.expires_at < ${before(replaySeconds)})`,
    sessions: sql`t.expires_at < ${before(0)} or t.last_seen_at < ${before(sessionIdleSeconds)}`,
    client_assertions: sql`t.expires_at < ${before(60)}`,
    answered_challenges: sql`t.expires_at < ${before(0)}`,
    setup_links: sql`t.expires_at < ${before(0)}`,
    recovery_codes: sql`t.used_at < ${before(0)}`,
    clients: sql`t.registration <> 'preregistered' and t.disabled_at is null and t.approved_fingerprint is null
      and t.created_at < ${before(UNUSED_CLIENT_DAYS * DAY)}
      and coalesce(t.document_fetched_at, t.created_at) < ${before(UNUSED_CLIENT_DAYS * DAY)}
      and not exists (select from token_families f where f.client_id = t.id)
      and not exists (select from authorization_codes a where a.client_id = t.id)
      and not exists (select from device_codes d where d.client_id = t.id)`,
    audit_events: sql`t.at < ${before(auditDays * DAY)}`,
  } as const satisfies Record<string, SQL>;
};

export type ExpiringTable = keyof ReturnType<typeof expiredRows>;

/** Erases a bounded number of sealed answers that nobody may ask for any more; how many. */
export async function eraseSealedAnswers(
  db: Database,
  now: Date,
  replaySeconds: number,
  limit: number,
): Promise<number> {
  const rows = await db.run(sql`
    update refresh_tokens set sealed_answer = null where digest in (
      select digest from refresh_tokens
      where sealed_answer is not null and used_at < ${after(now, -replaySeconds)}
      limit ${integer(limit)} for update skip locked)
    returning true as erased`);
  return rows.length;
}

/**
 * Deletes a bounded number of rows; how many. Rows that somebody holds are left for the next time, so two runs at once share
 * the work and no gate waits for it.
 */
export async function deleteExpired(
  db: Database,
  table: ExpiringTable,
  condition: SQL,
  limit: number,
): Promise<number> {
  const name = sql.identifier(table);
  const rows = await db.run(sql`
    delete from ${name} where ctid in (
      select t.ctid from ${name} t where ${condition} limit ${integer(limit)} for update skip locked)
    returning true as deleted`);
  return rows.length;
}
