import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
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

export const digest = (): Uint8Array => new Uint8Array(randomBytes(32));
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
export const signIn = ({ db, userId }: Pick<Party, "db" | "userId">, session = digest()): Promise<boolean> =>
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
