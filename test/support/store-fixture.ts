import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { expect, inject } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import { DEVICE_CODE_GRANT } from "../../src/oauth/client-metadata.ts";
import type { Actor } from "../../src/store/actor.ts";
import { insertAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { insertClient } from "../../src/store/clients.ts";
import { createDatabase, type Database } from "../../src/store/database.ts";
import { insertDeviceCode, updateDeviceCodeDecision, updateDeviceCodeViewer } from "../../src/store/device-codes.ts";
import { consumeDeviceCode } from "../../src/store/device-redemptions.ts";
import type { IssuingGate } from "../../src/store/gate.ts";
import type { IssuedTokens } from "../../src/store/issued-tokens.ts";
import { insertSession } from "../../src/store/sessions.ts";
import { insertUser } from "../../src/store/users.ts";
import type { Gatehouse } from "./gatehouse.ts";

export const digest = () => new Uint8Array(randomBytes(32));
export const operator = () => ({ now: new Date(), address: null, authority: "operator" }) as const;
export const LIFETIMES = {
  accessSeconds: 3600,
  refreshSeconds: 86_400,
  familySeconds: 864_000,
  reuseSeconds: 30,
  lostAnswerSeconds: 600,
};

/** The tokens that a gate issued to this very call. Null if it refused, or gave what another call had got. */
export const issuedTo = (answer: IssuingGate): IssuedTokens | null =>
  "issued" in answer && answer.sealedAnswer === undefined ? answer.issued : null;

/** The conditions of a gate that failed. Empty if it issued. */
export const refusedFor = (answer: IssuingGate): string[] =>
  "refused" in answer
    ? Object.entries(answer.refused)
        .filter(([, holds]) => holds !== true)
        .map(([condition]) => condition)
    : [];
export const PUBLIC = { method: "none" } as const;
const CHALLENGE = "c".repeat(43);
export const REDIRECT_URI = "https://app.example/cb";

/** A person with a session, and a client, for whom the gates act. */
export type Party = {
  readonly db: Database;
  readonly userId: string;
  readonly email: string;
  readonly clientId: string;
  readonly sessionDigest: Uint8Array;
  readonly fingerprint: Uint8Array;
  readonly resourceId: string;
};

export async function createParty({ services, resource }: Gatehouse): Promise<Party> {
  const db = createDatabase(services.databaseUrl);
  const email = `${randomBytes(6).toString("hex")}@example.com`;
  const user = await insertUser(db, { email, role: "member", passwordHash: null }, operator());
  const clientId = `client_${randomBytes(8).toString("hex")}`;
  const fingerprint = digest();
  const sessionDigest = digest();
  const record = {
    name: "Racer",
    clientUri: null,
    redirectUris: [REDIRECT_URI],
    grantTypes: ["authorization_code", "refresh_token", DEVICE_CODE_GRANT],
    scope: null,
    applicationType: "web",
    authenticationMethods: ["none"],
    secretDigest: null,
    jwks: null,
    jwksUri: null,
    fingerprint,
  } as const;
  await insertClient(
    db,
    { ...record, id: clientId, registration: "dynamic", registrationDigest: null, approved: false },
    "open",
    operator(),
  );
  const party = { db, userId: user?.id ?? "", email, clientId, sessionDigest, fingerprint, resourceId: resource.id };
  await signIn(party, sessionDigest);
  return party;
}

/** A client that acts in its own name, and its request. */
export async function createMachine({ services, resource }: Gatehouse) {
  const db = createDatabase(services.databaseUrl);
  const [clientId, secretDigest] = [`client_${randomBytes(8).toString("hex")}`, digest()];
  const client = {
    id: clientId,
    name: "Machine",
    clientUri: null,
    redirectUris: [],
    grantTypes: ["client_credentials"],
    scope: "mcp:tools",
    applicationType: "web",
    authenticationMethods: ["client_secret_basic"],
    secretDigest,
    jwks: null,
    jwksUri: null,
    fingerprint: digest(),
    registration: "preregistered",
    registrationDigest: null,
    approved: true,
  } as const;
  await insertClient(db, client, { ownerForResource: resource.uri }, operator());
  const credential = { method: "client_secret_basic", secretDigest } as const;
  return { clientId, credential, resourceUri: null, scopes: null };
}

/** A device code that waits for the party's decision, with what its client polls with and what the person answers. */
export async function createDevice({ db, clientId, sessionDigest }: Party) {
  const code = { digest: digest(), userCodeHash: digest(), lifetimeSeconds: 600, pollSeconds: 5 };
  const request = { clientId, credential: PUBLIC, resourceUri: null, scopes: null };
  await insertDeviceCode(db, request, code, DEVICE_CODE_GRANT, operator());
  const session = { digest: sessionDigest, idleSeconds: 3600 };
  const view = (by = session) => updateDeviceCodeViewer(db, [code.userCodeHash], by, DEVICE_CODE_GRANT, new Date());
  const decide = async (scopes: readonly string[] | null) => {
    const { digest = "", client } = (await view()) ?? {};
    const shown = { digest, clientFingerprint: client?.fingerprint ?? "", familySeconds: null, userAgent: null };
    return updateDeviceCodeDecision(db, { session, scopes, ...shown }, operator());
  };
  const poll = (now = new Date(), caller = digest()) => {
    const presented = { digest: code.digest, clientId, credential: PUBLIC, resourceUri: null, caller };
    return consumeDeviceCode(db, presented, newTokens(), LIFETIMES, DEVICE_CODE_GRANT, { ...operator(), now });
  };
  return { view, decide, poll };
}

/** A party that is an owner of the server. */
export async function createOwner(gatehouse: Gatehouse): Promise<Party> {
  const party = await createParty(gatehouse);
  await party.db.run(sql`update users set role = 'owner' where id = ${party.userId}`);
  return party;
}

/** The actor for what a party does by its session. */
export const asking = ({ sessionDigest }: Party, role: "owner" | "member" = "member"): Actor => ({
  now: new Date(),
  address: null,
  authority: { digest: sessionDigest, idleSeconds: 3600, role, signedInSince: null },
});

/** A sign-in with the password hash that the party was made with, which is null. */
export const signIn = ({ db, userId }: Party, session = digest()): Promise<boolean> =>
  insertSession(
    db,
    { digest: session, replaces: null, userAgent: null, lifetimeSeconds: 3600 },
    { method: "password", userId, verifiedHash: null, newHash: null },
    operator(),
  );

/** Issues a code to the party, like submitting a consent form. Returns whether it waits to be redeemed. */
export async function issueCode(party: Party, code = digest()): Promise<boolean> {
  const issued = {
    digest: code,
    session: { digest: party.sessionDigest, idleSeconds: 3600 },
    clientId: party.clientId,
    clientFingerprint: Buffer.from(party.fingerprint).toString("hex"),
    resourceId: party.resourceId,
    scopes: ["mcp:tools"],
    redirectUri: REDIRECT_URI,
    codeChallenge: CHALLENGE,
    lifetimeSeconds: 600,
    familySeconds: null,
    userAgent: null,
  };
  return insertAuthorizationCode(party.db, issued, operator());
}

export const redemptionOf = ({ clientId }: Party, code: Uint8Array) => ({
  digest: code,
  clientId,
  credential: PUBLIC,
  codeChallenge: CHALLENGE,
  redirectUri: REDIRECT_URI,
  resourceUri: null,
  scopes: null,
});

export const newTokens = () => ({ familyId: crypto.randomUUID(), accessDigest: digest(), refreshDigest: digest() });

/**
 * Runs SQL in a transaction that stays open until the gate waits for it, then commits, after another statement about
 * the first parameter if there is one. Returns the gate's answer.
 */
export async function whileUncommitted<T>(
  { services }: Gatehouse,
  statement: string,
  params: readonly unknown[],
  gate: () => Promise<T>,
  then: string | null = null,
): Promise<T> {
  const other = connectPostgres(inject("postgres"), new URL(services.databaseUrl).pathname.slice(1));
  await other.connect();
  await other.query("begin");
  await other.query(statement, [...params]);
  const running = gate();
  const first = await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 150, "waiting"))]);
  expect(first).toBe("waiting");
  if (then) await other.query(then, params.slice(0, 1));
  await other.query("commit");
  await other.end();
  return running;
}

/** Makes a statement sleep in the middle, so that others get in between. */
export const PAUSES = [
  "nowhere",
  "authorization_codes",
  "device_codes",
  "token_families",
  "refresh_tokens",
  "access_tokens",
  "users",
] as const;
/** The same for linked accounts and their use. */
export const ACCOUNT_PAUSES = ["linked_accounts", "account_grants", "provider_states", "identities"] as const;
const TABLES = [...PAUSES.slice(1), ...ACCOUNT_PAUSES, "sessions"] as const;
export type Pause = "nowhere" | (typeof TABLES)[number];

/** Makes every write to a table sleep for up to 20 ms, before it or after it, at random. */
export async function pauseAt(db: Database, pause: Pause): Promise<void> {
  await db.run(
    sql.raw(`create or replace function pause() returns trigger language plpgsql as
    $$ begin perform pg_sleep(random() * 0.02); return coalesce(new, old); end $$`),
  );
  for (const table of TABLES) {
    for (const moment of ["before", "after"]) {
      await db.run(sql.raw(`drop trigger if exists pause_${moment} on ${table}`));
      if (table !== pause) continue;
      await db.run(
        sql.raw(
          `create trigger pause_${moment} ${moment} insert or update or delete on ${table} for each row execute function pause()`,
        ),
      );
    }
  }
}

/** The number of violations of what must hold after any race. */
export async function countViolations(db: Database): Promise<Record<string, number>> {
  const [row] = await db.read<Record<string, number>>(sql`
    select
      (select count(*)::int from authorization_codes a
        where a.redeemed_at is not null
          and (select count(*) from token_families f where f.id = a.family_id) > 1) as "familiesOfACode",
      (select count(*)::int from (
        select family_id from refresh_tokens where used_at is null group by family_id having count(*) > 1) x) as "liveChains",
      (select count(*)::int from token_families f join users u on u.id = f.user_id
        where u.disabled_at is not null and f.revoked_at is null) as "familiesOfDisabledUsers",
      (select count(*)::int from token_families f join clients c on c.id = f.client_id
        where c.disabled_at is not null and f.revoked_at is null) as "familiesOfBlockedClients",
      (select count(*)::int from refresh_tokens r where r.used_at is not null and not exists (
        select from refresh_tokens n where n.family_id = r.family_id and n.generation = r.generation + 1)) as "spentWithoutSuccessor"`);
  return row ?? {};
}

export const NO_VIOLATIONS = {
  familiesOfACode: 0,
  liveChains: 0,
  familiesOfDisabledUsers: 0,
  familiesOfBlockedClients: 0,
  spentWithoutSuccessor: 0,
};

/** How often each race is run. */
export const ROUNDS = Number(process.env["RACE_ROUNDS"] ?? 2);
