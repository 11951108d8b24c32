import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { type Actor, authorizedUser, lockUsers } from "./actor.ts";
import { auditColumns, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { bigint, boolean, bytea, epoch, milliseconds, text, textArray, timestamptz, uuid } from "./sql.ts";

/** A challenge that an authenticator has signed. It is stored until it expires, so that it is good once. */
export type AnsweredChallenge = { readonly digest: Digest; readonly expiresAt: Date };

/**
 * The CTE `answered`, which follows one with somebody in `id`. It has one row, or none if the challenge was answered
 * before.
 */
export const answerChallenge = ({ digest, expiresAt }: AnsweredChallenge, by: SQL): SQL => sql`
  answered as (
    insert into answered_challenges (digest, expires_at) select ${bytea(digest)}, ${timestamptz(expiresAt)} from ${by}
    on conflict (digest) do nothing returning digest)`;

/** A passkey with what is needed to verify an assertion. */
export type Passkey = {
  readonly id: string;
  readonly email: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly signatureCounter: number;
  /** Whether the passkey's person is enabled. Milliseconds since 1970. */
  readonly passwordChangedAt: number | null;
};

export async function findPasskey(db: Database, id: string): Promise<Passkey | null> {
  const [passkey] = await db.read<Passkey>(sql`
    select p.id, u.email, translate(encode(p.public_key, 'base64'), E'+/=\\n', '-_') as "publicKey", p.signature_counter::float8 as "signatureCounter",
      ${milliseconds(sql`u.password_changed_at`)} as "passwordChangedAt"
    from passkeys p join users u on u.id = p.user_id where p.id = ${text(id)} and u.disabled_at is null`);
  return passkey ?? null;
}

export type NewPasskey = {
  readonly id: string;
  /** Null for its authenticator's name. */
  readonly name: string | null;
  /** The model of the authenticator (WebAuthn Level 3 §6.5.1.1). */
  readonly aaguid: string;
  readonly publicKey: Uint8Array;
  readonly signatureCounter: number;
  readonly transports: readonly string[];
  readonly backedUp: boolean;
};

/** Inserts a passkey for the user whose id a CTE has in `id`. */
export const insertPasskeyFor = (passkey: NewPasskey, person: SQL, now: Date): SQL => sql`
  insert into passkeys (id, user_id, name, public_key, signature_counter, transports, backed_up, created_at)
  select ${text(passkey.id)}, id,
    coalesce(${text(passkey.name)}, (select name from authenticators where aaguid = lower(${text(passkey.aaguid)})), 'Passkey'),
    ${bytea(passkey.publicKey)}, ${bigint(passkey.signatureCounter)},
    ${textArray(passkey.transports)}, ${boolean(passkey.backedUp)}, ${timestamptz(now)} from ${person}
  returning ${auditColumns({ userId: sql`user_id` })}`;

/**
 * Adds a passkey to the acting person. False if the challenge was answered before, or if they may not. The person is
 * locked first. If a reset of their credentials comes after, it deletes the passkey, and if it came before, the passkey
 * is refused.
 */
export async function insertPasskey(
  db: Database,
  passkey: NewPasskey,
  challenge: AnsweredChallenge,
  actor: Actor,
): Promise<boolean> {
  try {
    const rows = await db.batch([
      ...lockUsers(actor),
      sql`with acting_user as (select id from (select ${authorizedUser(actor)} as id) actor where id is not null),
        ${answerChallenge(challenge, sql`acting_user`)},
        person as (select id from acting_user, answered),
        ${recorded("passkey_added", "passkey", actor)`${insertPasskeyFor(passkey, sql`person`, actor.now)}`}
        select user_id from passkey`,
    ]);
    return (rows.at(-1)?.length ?? 0) > 0;
  } catch (error) {
    if (isUniqueViolation(error, "passkeys_pkey")) return false;
    throw error;
  }
}

export type ListedPasskey = {
  readonly id: string;
  readonly name: string;
  readonly backedUp: boolean;
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
};

export const listPasskeys = (db: Database, userId: string): Promise<ListedPasskey[]> =>
  db.read<ListedPasskey>(sql`
    select id, name, backed_up as "backedUp", ${epoch(sql`created_at`)} as "createdAt",
      ${epoch(sql`last_used_at`)} as "lastUsedAt"
    from passkeys where user_id = ${uuid(userId)} order by created_at, id limit 100`);

/**
 * Renames a passkey of the acting person. False if they may not. The person is locked first, as always before their
 * credentials.
 */
export async function updatePasskeyName(db: Database, id: string, name: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`with ${recorded("passkey_renamed", "passkey", actor)`
        update passkeys p set name = ${text(name)} where p.id = ${text(id)} and p.user_id = ${authorizedUser(actor)}
        returning ${auditColumns({ userId: sql`p.user_id` })}`}
      select user_id from passkey`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}

/** The condition that a user `u` can still sign in without this passkey or this identity. */
export const hasOtherWayIn = ({
  passkey = sql`''`,
  identity = sql`null`,
}: {
  passkey?: SQL;
  identity?: SQL;
}): SQL => sql`
  (u.password_hash is not null
    or exists (select from passkeys k where k.user_id = u.id and k.id <> ${passkey})
    or exists (select from identities o join providers v on v.slug = o.provider
      where o.user_id = u.id and o.id is distinct from ${identity} and v.signs_in))`;

/**
 * Removes a passkey of the acting person. False if they may not, or if it is their last way to sign in. The person is
 * locked first, so that the second of two removals at once sees the first.
 */
export async function deletePasskey(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`with ${recorded("passkey_removed", "passkey", actor)`
        delete from passkeys p using users u
        where p.id = ${text(id)} and u.id = p.user_id and u.id = ${authorizedUser(actor)}
          and ${hasOtherWayIn({ passkey: sql`p.id` })}
        returning ${auditColumns({ userId: sql`p.user_id` })}`}
      select user_id from passkey`,
  ]);
  return (rows.at(-1)?.length ?? 0) > 0;
}
