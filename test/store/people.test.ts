import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { disableClient, enableClient } from "../../src/store/client-status.ts";
import { replaceRecoveryCodes, updatePassword } from "../../src/store/credentials.ts";
import { signInWithIdentity } from "../../src/store/identities.ts";
import { insertPasskey } from "../../src/store/passkeys.ts";
import { insertSession, type SignInProof } from "../../src/store/sessions.ts";
import { consumeSetupLink, insertSetupLink } from "../../src/store/setup-links.ts";
import { bytea } from "../../src/store/sql.ts";
import { disableUser, enableUser } from "../../src/store/user-status.ts";
import { redeem } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { whileUncommitted } from "../support/races.ts";
import {
  asking,
  createDevice,
  createOwner,
  createParty,
  digest,
  issueCode,
  issuedTo,
  operator,
  type Party,
  signIn,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;

const newSession = () => ({ digest: digest(), replaces: null, userAgent: null, lifetimeSeconds: 3600 });
const passkey = () => ({
  id: crypto.randomUUID(),
  name: "x",
  publicKey: digest(),
  aaguid: "",
  signatureCounter: 0,
  transports: [],
  backedUp: false,
});
const challenge = () => ({ digest: digest(), expiresAt: new Date(Date.now() + 1_000_000) });
const eightCodes = () => Array.from({ length: 8 }, digest);

async function linkTo({ email }: Party) {
  const link = digest();
  const purpose = { kind: "reset", email } as const;
  await insertSetupLink(db, { digest: link, purpose, expiresAt: new Date(Date.now() + 1_000_000) }, operator());
  const setup = { digest: link, newUserId: crypto.randomUUID(), email: "", session: newSession() };
  return () => consumeSetupLink(db, { ...setup, credential: { method: "password", passwordHash: "new" } }, operator());
}

const has = async ({ userId }: Party) => {
  const [row] = await db.read<Record<string, number>>(sql`select
    (select count(*)::int from sessions where user_id = ${userId}) as sessions,
    (select count(*)::int from passkeys where user_id = ${userId}) as passkeys,
    (select count(*)::int from recovery_codes where user_id = ${userId}) as codes,
    (select count(*)::int from token_families where user_id = ${userId} and revoked_at is null) as families`);
  return row ?? {};
};
/** A sign-in that has locked its person and inserted its session, and is about to commit. */
const SIGN_IN = `with person as (select id from users where id = $1 for no key update)
  insert into sessions (digest, user_id, authentication_method, authenticated_at, last_seen_at, expires_at)
  select $2, id, 'password', now(), now(), now() + interval '1 hour' from person`;
const ADD_PASSKEY = `with person as (select id from users where id = $1 for no key update)
  insert into passkeys (id, user_id, name, public_key, signature_counter, transports, backed_up, created_at)
  select $2, id, 'x', 'x', 0, '{}', false, now() from person`;
/** What a reset does to a person's credentials. */
const RESET = `with person as (update users set password_hash = 'new' where id = $1 returning id)
  delete from sessions using person where user_id = person.id`;

describe("a change of credentials, while something else is under way", () => {
  test("a new password ends a sign-in with the old one that is under way", async () => {
    const party = await createParty(gatehouse);
    const change = () => updatePassword(db, "new", asking(party));
    expect(await whileUncommitted(gatehouse, SIGN_IN, [party.userId, digest()], change)).toBe(true);
    expect(await has(party)).toMatchObject({ sessions: 1 });
  });

  test("a sign-in with a provider waits while that identity is removed, and is then refused", async () => {
    const [party, stateDigest, provider] = [await createParty(gatehouse), digest(), "waiting"];
    await db.batch([
      sql`insert into providers (slug, name, kind, issuer, client_id, description, scopes, signs_in)
        values (${provider}, 'P', 'oauth2', 'https://provider.example', 'us', '{}', '[]', true)`,
      sql`insert into identities (provider, subject, user_id, label) values (${provider}, 'me', ${party.userId}, 'me')`,
      sql`insert into provider_states (digest, provider, browser_digest, purpose, sealed, expires_at, claimed_at)
        values (${bytea(stateDigest)}, ${provider}, ${bytea(digest())}, 'sign_in', '', now() + interval '1 hour', now())`,
    ]);
    const identity = { stateDigest, provider, subject: "me", label: "me" };
    const come = () =>
      signInWithIdentity(db, identity, { session: newSession(), authenticatedAt: new Date() }, operator());
    const hold = "select from users where id = $1 for no key update";
    const remove = "delete from identities where user_id = $1";
    expect(await whileUncommitted(gatehouse, hold, [party.userId], come, remove)).toBeNull();
    expect(await has(party)).toMatchObject({ sessions: 1 });
  });

  test("a reset ends the sign-in and removes the passkey that are under way", async () => {
    const party = await createParty(gatehouse);
    expect(await whileUncommitted(gatehouse, SIGN_IN, [party.userId, digest()], await linkTo(party))).toBe("done");
    const added = [party.userId, crypto.randomUUID()];
    expect(await whileUncommitted(gatehouse, ADD_PASSKEY, added, await linkTo(party))).toBe("done");
    expect(await has(party)).toMatchObject({ sessions: 1, passkeys: 0 });
  });

  test("a new passkey and a sign-in wait while a reset is under way, and are then refused", async () => {
    const party = await createParty(gatehouse);
    const add = () => insertPasskey(db, passkey(), challenge(), asking(party));
    expect(await whileUncommitted(gatehouse, RESET, [party.userId], add)).toBe(false);
    const other = await createParty(gatehouse);
    expect(await whileUncommitted(gatehouse, RESET, [other.userId], () => signIn(other))).toBe(false);
    expect(await has(other)).toMatchObject({ sessions: 0 });
  });

  test.each(["passkey", "recovery_code"] as const)(
    "a sign-in by %s waits while a reset removes it, and is then refused",
    async (method) => {
      const party = await createParty(gatehouse);
      const [key, code] = [passkey(), digest()];
      await insertPasskey(db, key, challenge(), asking(party));
      await replaceRecoveryCodes(db, [code], asking(party));
      const proof: SignInProof =
        method === "passkey"
          ? { method, passkeyId: key.id, signatureCounter: 1, backedUp: false, challenge: challenge() }
          : { method, digest: code };
      const reset = `with person as (update users set password_hash = 'new' where id = $1 returning id),
      keys as (delete from passkeys using person where user_id = person.id)
      delete from recovery_codes using person where user_id = person.id`;
      const signIn = () => insertSession(db, newSession(), proof, operator());
      expect(await whileUncommitted(gatehouse, reset, [party.userId], signIn)).toBe(false);
      expect(await has(party)).toMatchObject({ sessions: 1 });
    },
  );

  test("recovery codes that are made several times at once remain eight", async () => {
    const party = await createParty(gatehouse);
    await Promise.all(Array.from({ length: 5 }, () => replaceRecoveryCodes(db, eightCodes(), asking(party))));
    expect(await has(party)).toMatchObject({ codes: 8 });
  });

  test("recovery codes stay as they are if the session ends while they are replaced", async () => {
    const party = await createParty(gatehouse);
    await replaceRecoveryCodes(db, eightCodes(), asking(party));
    const make = () => replaceRecoveryCodes(db, eightCodes(), asking(party));
    expect(
      await whileUncommitted(gatehouse, "delete from sessions where digest = $1", [party.sessionDigest], make),
    ).toBe(false);
    expect(await has(party)).toMatchObject({ codes: 8 });
  });
});

describe("an owner's act, while the owner loses the right to it", () => {
  test("disabling a person happens as a whole or not at all", async () => {
    const [owner, party] = [await createOwner(gatehouse), await createParty(gatehouse)];
    const code = digest();
    await issueCode(party, code);
    await redeem(party, code);
    const before = await has(party);
    const disable = () => disableUser(db, party.email, asking(owner, "owner"));
    expect(
      await whileUncommitted(gatehouse, "delete from sessions where digest = $1", [owner.sessionDigest], disable),
    ).toBe(false);
    expect(await has(party)).toEqual(before);
    expect(before).toMatchObject({ families: 1, sessions: 1 });
  });

  test("an owner who is being disabled can't make a link", async () => {
    const owner = await createOwner(gatehouse);
    const purpose = { kind: "invitation", role: "owner", email: null } as const;
    const link = { digest: digest(), purpose, expiresAt: new Date(Date.now() + 1_000_000) };
    const make = () => insertSetupLink(db, link, asking(owner, "owner"));
    const disable = "update users set disabled_at = now() where id = $1";
    expect(await whileUncommitted(gatehouse, disable, [owner.userId], make)).toBe(false);
  });
});

describe("T7 a code that waits while its person or client is shut out stays void when they are let in again", () => {
  const shutOut = {
    person: [
      ({ email }: Party) => disableUser(db, email, operator()),
      ({ email }: Party) => enableUser(db, email, operator()),
    ],
    client: [
      ({ clientId }: Party) => disableClient(db, clientId, operator()),
      ({ clientId }: Party) => enableClient(db, clientId, operator()),
    ],
  } as const;
  test.each(["person", "client"] as const)(
    "T7 codes of a %s who was shut out and let in again stay void",
    async (who) => {
      const party = await createParty(gatehouse);
      const [shut, letIn] = shutOut[who];
      const code = digest();
      await issueCode(party, code);
      const device = await createDevice(party);
      await device.decide(["mcp:tools"]);
      await shut(party);
      await letIn(party);
      expect([await redeem(party, code), issuedTo(await device.poll())]).toEqual([null, null]);
    },
  );
});

test("a consent waits for the person's row first, so that disabling the person never waits for a consent", async () => {
  const party = await createParty(gatehouse);
  const [disable, signOut] = [
    "update users set disabled_at = now() where id = $1",
    "delete from sessions where user_id = $1",
  ];
  const consent = () => issueCode(party);
  expect(await whileUncommitted(gatehouse, disable, [party.userId], consent, signOut)).toBe(false);
});
