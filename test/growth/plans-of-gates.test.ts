import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addIssuer } from "../../src/flows/admin/issuers.ts";
import { addWorkload } from "../../src/flows/admin/workloads.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { JWT_BEARER_GRANT } from "../../src/oauth/grant-type.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import { consumeAssertion, insertWorkloadToken } from "../../src/store/assertions.ts";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import type { Database } from "../../src/store/database.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { revokeToken } from "../../src/store/revocations.ts";
import { findAccountToken } from "../../src/store/token-exchanges.ts";
import { readCalledGates } from "../support/called-gates.ts";
import { addWorld } from "../support/crowded-world.ts";
import { BY_GATES } from "../support/every-statement.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { accessDigestOf, familyOf, fill, LARGEST_CLIENT, refreshDigestOf } from "../support/growth.ts";
import { makeKey } from "../support/issuer.ts";
import { assertionAbout } from "../support/issuer-statements.ts";
import { connectExplained, rowsRead } from "../support/plans.ts";
import {
  createDevice,
  createParty,
  digest,
  issueCode,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  PUBLIC,
  redemptionOf,
  refusedFor,
} from "../support/store-fixture.ts";

/** `npm run test:growth` takes a million tokens. */
const FAMILIES = Number(process.env["GROWTH_FAMILIES"] ?? 20_000);
/**
 * The rows that a gate may read: its own, those that foreign keys look up, and the few scopes and rules of a resource.
 */
const ROWS = 80;

const gatehouse = await startGatehouse();
const credentialDigest = await sha256(gatehouse.resource.secret);
const explained = await connectExplained(gatehouse.services.databaseUrl);
afterAll(() => explained.end());
beforeAll(() => fill(gatehouse, FAMILIES), 300_000);

/** A live family that no test has used. Every fifth is revoked. */
let used = 1;
const unusedFamily = () => {
  used += 5;
  return used;
};
const asking = { clientId: LARGEST_CLIENT, credential: PUBLIC };

/** A person with one of very many connections of one app. */
const createVisitor = async () => ({
  ...(await createParty(gatehouse)),
  clientId: LARGEST_CLIENT,
  fingerprint: new Uint8Array([0]),
});
const rotate = (db: Database, token: Uint8Array) =>
  rotateRefreshToken(
    db,
    { ...asking, digest: token, scopes: null, resourceUri: null, caller: digest() },
    { accessDigest: digest(), refreshDigest: digest(), sealedAnswer: "sealed" },
    LIFETIMES,
    operator(),
  );
const introspect = (db: Database, token: Uint8Array, resourceId: string | null, credential = credentialDigest) =>
  findAccessToken(db, { digest: token, credentialDigest: credential, resourceId }, operator());
const exchange = (db: Database, token: Uint8Array) =>
  findAccountToken(
    db,
    { tokenDigest: token, credentialDigest, resourceId: null, provider: "github", scopes: null, linkDigest: digest() },
    operator(),
  );
/** A client with an issuer that everybody may join by. */
async function createVouchedClient() {
  const party = await createParty(gatehouse);
  const name = `i${randomBytes(4).toString("hex")}`;
  const { jwk } = await makeKey("ES256");
  await addIssuer(gatehouse.owner, {
    ...{ name, issuer: `https://${name}.example`, jwks: { keys: [jwk] }, vouches: true, tenant: null },
    ...{ linksAddresses: false, joining: ["everybody"], refreshes: true },
  });
  const { db } = gatehouse.owner;
  await db.run(sql`update clients set grant_types = array[${JWT_BEARER_GRANT}] where id = ${party.clientId}`);
  const [issuer] = await db.read<{ id: string }>(sql`select id from trusted_issuers where name = ${name}`);
  return { name, clientId: party.clientId, issuerId: issuer?.id ?? "" };
}
const redeemAssertion = (db: Database, client: Awaited<ReturnType<typeof createVouchedClient>>) =>
  consumeAssertion(db, assertionAbout(client, "ada"), newTokens(), LIFETIMES, operator());
/** A person with an odd number has let the server use their account. */
function personWith({ allowed }: { readonly allowed: boolean }): number {
  const n = unusedFamily();
  return Math.floor(n / 10) % 2 === (allowed ? 0 : 1) ? n : personWith({ allowed });
}

/** Prepares without being measured, and returns the result. */
const GATES: Readonly<Record<string, () => Promise<(db: Database) => Promise<void>>>> = {
  "issuing a code": async () => {
    const party = await createVisitor();
    return async (db) => expect(await issueCode({ ...party, db })).toBe(true);
  },
  "redeeming a code": async () => {
    const [party, code] = [await createVisitor(), digest()];
    await issueCode(party, code);
    return async (db) => {
      const answer = await consumeAuthorizationCode(db, redemptionOf(party, code), newTokens(), LIFETIMES, operator());
      expect(issuedTo(answer)).not.toBeNull();
    };
  },
  "redeeming a code a second time": async () => {
    const [party, code] = [await createVisitor(), digest()];
    await issueCode(party, code);
    const redeem = (db: Database) =>
      consumeAuthorizationCode(db, redemptionOf(party, code), newTokens(), LIFETIMES, operator());
    await redeem(gatehouse.owner.db);
    return async (db) => expect(await redeem(db)).toMatchObject({ replayed: true });
  },
  "rotating a refresh token": async () => {
    const token = refreshDigestOf(unusedFamily(), 3);
    return async (db) => expect(issuedTo(await rotate(db, token))).not.toBeNull();
  },
  "rotating a refresh token a second time": async () => {
    const token = refreshDigestOf(unusedFamily(), 3);
    await rotate(gatehouse.owner.db, token);
    return async (db) => expect(await rotate(db, token)).toMatchObject({ sealedAnswer: "sealed" });
  },
  "reusing a refresh token": async () => {
    const token = refreshDigestOf(unusedFamily(), 0);
    return async (db) => expect(await rotate(db, token)).toMatchObject({ replayed: true });
  },
  "presenting an unknown refresh token": async () => async (db) =>
    expect(refusedFor(await rotate(db, digest()))).toContain("tokenFound"),
  introspecting: async () => {
    const token = accessDigestOf(unusedFamily());
    return async (db) => expect((await introspect(db, token, null))?.token).not.toBeNull();
  },
  "introspecting at a server that isn't for everybody": async () => {
    const [n, credential] = [unusedFamily(), digest()];
    await gatehouse.owner.db.batch([
      sql`update resources set is_open = false where id = ${`r${n}`}`,
      sql`insert into introspection_credentials (digest, resource_id, slot, created_at)
        values (decode(${Buffer.from(credential).toString("hex")}, 'hex'), ${`r${n}`}, 1, now())`,
      sql`insert into scopes (resource_id, name, description, position) values (${`r${n}`}, 'mcp:tools', 'Use its tools', 0)`,
      sql`insert into access_rules (resource_id, user_id) select ${`r${n}`}, id from users order by id limit 2000 offset 100`,
      sql`insert into access_rules (resource_id, user_id)
        select ${`r${n}`}, user_id from token_families where id = ${familyOf(n)}::uuid on conflict do nothing`,
      sql`update token_families set resource_id = ${`r${n}`} where id = ${familyOf(n)}::uuid`,
    ]);
    return async (db) => expect((await introspect(db, accessDigestOf(n), null, credential))?.token).not.toBeNull();
  },
  "introspecting a token of another resource": async () => {
    const [n, credential] = [unusedFamily(), digest()];
    await gatehouse.owner.db.run(sql`
      insert into introspection_credentials (digest, resource_id, slot, created_at)
      values (decode(${Buffer.from(credential).toString("hex")}, 'hex'), ${`r${n}`}, 1, now())`);
    const token = accessDigestOf(n);
    // A connection that is used a lot has a long record.
    await gatehouse.owner.db.run(sql`
      insert into audit_events (at, name, family_id)
      select now() - n * interval '1 second', 'tool_called', ${familyOf(n)}::uuid from generate_series(1, 1000) n`);
    return async (db) => expect(await introspect(db, token, `r${n}`, credential)).toMatchObject({ token: null });
  },
  "exchanging a token for an account's token": async () => {
    const token = accessDigestOf(personWith({ allowed: true }));
    return async (db) => expect(await exchange(db, token)).toMatchObject({ account: { scopes: ["read"] } });
  },
  "exchanging a token that the person has to allow first": async () => {
    const token = accessDigestOf(personWith({ allowed: false }));
    return async (db) =>
      expect(await exchange(db, token)).toMatchObject({ refused: { useAllowed: false, linkMade: true } });
  },
  "revoking an access token": async () => {
    const token = accessDigestOf(unusedFamily());
    return async (db) => expect(await revokeToken(db, { ...asking, digest: token }, operator())).toEqual({});
  },
  "revoking a refresh token": async () => {
    const token = refreshDigestOf(unusedFamily(), 1);
    return async (db) => expect(await revokeToken(db, { ...asking, digest: token }, operator())).toEqual({});
  },
  "polling for a device that waits": async () => {
    const party = await createParty(gatehouse);
    return async (db) => {
      const { poll } = await createDevice({ ...party, db });
      expect(refusedFor(await poll())).toEqual(["codeDecided"]);
    };
  },
  "polling for a device that was allowed": async () => {
    const party = await createParty(gatehouse);
    return async (db) => {
      const { decide, poll } = await createDevice({ ...party, db });
      await decide(["mcp:tools"]);
      expect(issuedTo(await poll())).not.toBeNull();
    };
  },
  "redeeming an assertion about a new person": async () => {
    const client = await createVouchedClient();
    return async (db) => expect(issuedTo(await redeemAssertion(db, client))).not.toBeNull();
  },
  "redeeming an assertion about a known person": async () => {
    const client = await createVouchedClient();
    await redeemAssertion(gatehouse.owner.db, client);
    return async (db) => expect(issuedTo(await redeemAssertion(db, client))).not.toBeNull();
  },
  "issuing a token to a program": async () => {
    const { name, issuerId } = await createVouchedClient();
    const rule = { name: "Job", issuer: name, resource: gatehouse.resource.uri, scope: "mcp:tools", audience: "us" };
    const added = await addWorkload(gatehouse.owner, { ...rule, claims: { sub: "job" } });
    const request = { clientId: "clientId" in added ? added.clientId : "", issuerId, resourceUri: null, scopes: null };
    const spent = { grantDigest: digest(), grantExpiresAt: new Date(Date.now() + 300_000) };
    return async (db) => {
      const answer = await insertWorkloadToken(db, { ...request, ...spent }, newTokens(), 3600, operator());
      expect(issuedTo(answer)).not.toBeNull();
    };
  },
};

describe.each(["unanalyzed", "analyzed"])(`gates with ${FAMILIES} connections of one app, %s`, (state) => {
  if (state === "analyzed") beforeAll(() => gatehouse.owner.db.run(sql`analyze`), 120_000);

  test.each(Object.entries(GATES))("P6 %s reads only its own rows", async (_, prepare) => {
    const gate = await prepare();
    await expectOwnRows(gate);
  });
});

test.each(Object.entries(BY_GATES))("P6 %s, as the races call it, reads only its own rows", async (_, gate) => {
  const world = await addWorld(gatehouse.owner.db);
  await expectOwnRows((db) => gate({ ...world, db }));
});

test("P6 no gate is left out", async () => {
  expect((await readCalledGates()).filter((name) => !seen.has(name))).toEqual([]);
});

/** The gates whose plans were looked at. */
const seen = new Set<string>();

async function expectOwnRows(gate: (db: Database) => Promise<unknown>): Promise<void> {
  const plans = await explained.explain(gate);
  expect(plans.length).toBeGreaterThan(1);
  for (const { query } of plans) seen.add(/^select (\w+_\d+)\(p_/.exec(query)?.[1] ?? "");
  const scans = plans.map(({ query, scans }) => `${query}\n${scans.join("\n")}`).join("\n\n");
  expect(rowsRead(plans), scans).toBeLessThanOrEqual(ROWS);
}
