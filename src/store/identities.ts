import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import { nameGroup } from "./access-rules.ts";
import { type Actor, authorizedUser, lockUsers } from "./actor.ts";
import { auditColumns, auditEach, recorded } from "./audit-events.ts";
import { type Database, isUniqueViolation } from "./database.ts";
import { endLostAccess } from "./lost-access.ts";
import { hasOtherWayIn } from "./passkeys.ts";
import { type NewSession, startSession } from "./sessions.ts";
import { boolean, bytea, epoch, text, timestamptz, uuid } from "./sql.ts";

/** Somebody's identity at a provider, and the state with which it came back. */
export type PresentedIdentity = {
  readonly stateDigest: Digest;
  readonly provider: string;
  readonly subject: string;
  readonly label: string;
};

const claimed = ({ stateDigest, provider }: PresentedIdentity, purpose: "sign_in" | "identity"): SQL => sql`
  s.digest = ${bytea(stateDigest)} and s.provider = ${text(provider)} and s.claimed_at is not null
  and s.purpose = ${text(purpose)}`;

/** The CTE `provider`. It is locked before its states and identities, which are deleted with it. */
const heldProvider = ({ provider }: PresentedIdentity): SQL => sql`
  provider as (select slug from providers where slug = ${text(provider)} for key share)`;

type SignIn = { readonly session: NewSession; readonly authenticatedAt: Date };

/**
 * Signs in the person whom an identity belongs to, and spends the state with which it came back. Returns their address,
 * or null if nobody has this identity or the account is disabled. The person is locked first, as in every sign-in.
 */
export async function signInWithIdentity(
  db: Database,
  identity: PresentedIdentity,
  { session, authenticatedAt }: SignIn,
  actor: Actor,
): Promise<string | null> {
  const [row] = await db.run<{ email: string }>(sql`
    with locked_user as (
      select u.id, u.email from users u
      where u.disabled_at is null and u.id = (select user_id from identities
        where provider = ${text(identity.provider)} and subject = ${text(identity.subject)})
      for no key update),
    ${heldProvider(identity)},
    state as (
      select s.digest from locked_user, provider, provider_states s where ${claimed(identity, "sign_in")} for update of s),
    -- Checks the identity again once its person is locked, so that one that was removed meanwhile lets nobody in.
    person as (
      update identities i set last_used_at = ${timestamptz(actor.now)}, label = ${text(identity.label)} from locked_user, state
      where i.provider = ${text(identity.provider)} and i.subject = ${text(identity.subject)} and i.user_id = locked_user.id
      returning locked_user.id, locked_user.email),
    spent as (delete from provider_states s using person where s.digest = ${bytea(identity.stateDigest)}),
    ${startSession(session, "provider", actor.now, authenticatedAt)},
    audit as (${auditEach("signed_in", sql`started`, actor)})
    select person.email from person, started`);
  return row?.email ?? null;
}

/** What is known here about an address that a provider has verified. */
type AddressFacts = { readonly isTaken: boolean; readonly isInvited: boolean };

export async function findAddressFacts(db: Database, email: string | null, now: Date): Promise<AddressFacts> {
  const [facts] = await db.read<AddressFacts>(sql`
    select exists (select from users where email = ${text(email)}) as "isTaken",
      exists (select from setup_links l where l.email = ${text(email)} and l.role is not null and l.used_at is null
        and l.expires_at > ${timestamptz(now)}) as "isInvited"`);
  return facts ?? { isTaken: false, isInvited: false };
}

/**
 * Makes somebody a member whom the owner's rules admit, and signs them in. An invitation gives them its role and is
 * used up. `taken` if identity or address belong to somebody meanwhile, `void` if the state or the invitation is spent.
 */
export async function insertMember(
  db: Database,
  identity: PresentedIdentity & { readonly userId: string; readonly email: string; readonly byInvitation: boolean },
  { session, authenticatedAt }: SignIn,
  actor: Actor,
): Promise<"joined" | "taken" | "void"> {
  const { now } = actor;
  try {
    const rows = await db.run(sql`
      with ${heldProvider(identity)},
      state as (select s.digest from provider, provider_states s where ${claimed(identity, "sign_in")} for update of s),
      invitation as (
        update setup_links l set used_at = ${timestamptz(now)} from state
        where ${boolean(identity.byInvitation)} and l.email = ${text(identity.email)} and l.role is not null
          and l.used_at is null and l.expires_at > ${timestamptz(now)}
        returning l.role),
      role as (
        select role from invitation union all
        select 'member' from state where not ${boolean(identity.byInvitation)} limit 1),
      person as (
        insert into users (id, email, role, created_at)
        select ${uuid(identity.userId)}, ${text(identity.email)}, role, ${timestamptz(now)} from role returning id),
      identity as (
        insert into identities (provider, subject, user_id, label, created_at, last_used_at)
        select ${text(identity.provider)}, ${text(identity.subject)}, id, ${text(identity.label)}, ${timestamptz(now)},
          ${timestamptz(now)} from person),
      spent as (delete from provider_states s using person where s.digest = ${bytea(identity.stateDigest)}),
      ${startSession(session, "provider", now, authenticatedAt)},
      audit_created as (${auditEach("user_created", sql`started`, actor)}),
      audit_linked as (${auditEach("identity_linked", sql`started`, actor)}),
      audit as (${auditEach("signed_in", sql`started`, actor)})
      select user_id from started`);
    return rows.length > 0 ? "joined" : "void";
  } catch (error) {
    const isTaken = ["users_email_unique", "identities_provider_subject_pk"].some((name) =>
      isUniqueViolation(error, name),
    );
    if (isTaken) return "taken";
    throw error;
  }
}

/** Lets the acting person sign in with an identity. `taken` if it belongs to somebody else. */
export async function insertIdentity(
  db: Database,
  identity: PresentedIdentity,
  actor: Actor,
): Promise<"linked" | "taken" | "void"> {
  const rows = await db.batch([
    ...lockUsers(actor),
    sql`with ${heldProvider(identity)},
      person as (
        select u.id from provider, users u, provider_states s
        where u.id = ${authorizedUser(actor)} and ${claimed(identity, "identity")} for update of s),
      spent as (delete from provider_states s using person where s.digest = ${bytea(identity.stateDigest)}),
      ${recorded("identity_linked", "identity", actor)`
        insert into identities (provider, subject, user_id, label, created_at)
        select ${text(identity.provider)}, ${text(identity.subject)}, id, ${text(identity.label)}, ${timestamptz(actor.now)}
        from person on conflict (provider, subject) do nothing
        returning ${auditColumns({ userId: sql`user_id` })}`}
      select exists (select from identity) or exists (select from identities i
        where i.provider = ${text(identity.provider)} and i.subject = ${text(identity.subject)}
          and i.user_id = person.id) as "isOwn" from person`,
  ]);
  const [row] = (rows.at(-1) ?? []) as { isOwn: boolean }[];
  return row === undefined ? "void" : row.isOwn ? "linked" : "taken";
}

/** Removes an identity of the acting person. False if there is none, or if it is their last way to sign in. */
export async function deleteIdentity(db: Database, id: string, actor: Actor): Promise<boolean> {
  const rows = await db.batch([
    // Locks the person first, so that the second of two removals at once sees the first.
    ...lockUsers(actor),
    sql`with ${recorded("identity_unlinked", "identity", actor)`
        delete from identities i using users u
        where i.id = ${uuid(id)} and u.id = i.user_id and u.id = ${authorizedUser(actor)}
          and ${hasOtherWayIn({ identity: sql`i.id` })}
        returning ${auditColumns({ userId: sql`i.user_id` })}`}
      select user_id from identity`,
    // Removes them from the provider's groups, since it no longer says anything about them.
    sql`with ${recorded("group_member_removed", "gone", actor, nameGroup(sql`group_id`))`
        delete from group_members m using groups g
        where m.group_id = g.id and m.user_id = ${authorizedUser(actor)} and g.provider is not null
          and not exists (select from identities i where i.user_id = m.user_id and i.provider = g.provider)
        returning ${auditColumns({ userId: sql`m.user_id` })}, m.group_id`}
      select user_id from gone`,
    ...endLostAccess(sql`f.user_id = ${authorizedUser(actor)}`, actor),
  ]);
  return (rows[2]?.length ?? 0) > 0;
}

/** A way to sign in, as its person sees it. Times in seconds since 1970. */
export type ListedIdentity = {
  readonly id: string;
  readonly provider: string;
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
};

export const listIdentities = (db: Database, userId: string): Promise<ListedIdentity[]> =>
  db.read<ListedIdentity>(sql`
    select i.id, p.name as "provider", i.label, ${epoch(sql`i.created_at`)} as "createdAt",
      ${epoch(sql`i.last_used_at`)} as "lastUsedAt"
    from identities i join providers p on p.slug = i.provider
    where i.user_id = ${uuid(userId)} order by i.created_at, i.id limit 100`);
