import { sql } from "drizzle-orm";
import { expect } from "vitest";
import { sha256 } from "../../src/lib/hash.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import { consumeAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { someTime } from "./races.ts";
import {
  createDevice,
  digest,
  issueCode,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  type Party,
  PUBLIC,
  redemptionOf,
} from "./store-fixture.ts";

/** The gate's answer to a party that redeems a code. */
export const redemption = (party: Party, code: Uint8Array, tokens = newTokens(), lifetimes = LIFETIMES) =>
  consumeAuthorizationCode(party.db, redemptionOf(party, code), tokens, lifetimes, operator());

/** What it issued. */
export const redeem = async (...of: Parameters<typeof redemption>) => issuedTo(await redemption(...of));

/** The gate's answer to a party that presents a refresh token. */
export const rotation = (
  { db, clientId }: Party,
  token: Uint8Array,
  successors: Pick<ReturnType<typeof newTokens>, "accessDigest" | "refreshDigest"> = newTokens(),
  { sealedAnswer = "sealed" as string | null, caller = digest(), lifetimes = LIFETIMES, now = new Date() } = {},
) => {
  const presented = { digest: token, clientId, credential: PUBLIC, scopes: null, resourceUri: null, caller };
  return rotateRefreshToken(db, presented, { ...successors, sealedAnswer }, lifetimes, { ...operator(), now });
};

/** What it issued. */
export const rotate = async (...of: Parameters<typeof rotation>) => issuedTo(await rotation(...of));

/** Issues a code to a party and redeems it. */
export async function connect(party: Party, lifetimes = LIFETIMES): Promise<ReturnType<typeof newTokens>> {
  const [code, tokens] = [digest(), newTokens()];
  expect(await issueCode(party, code)).toBe(true);
  expect(await redeem(party, code, tokens, lifetimes)).not.toBeNull();
  return tokens;
}

/** Whether the Gatehouse's own resource accepts an access token. */
export async function isAccepted({ owner, resource }: Gatehouse, access: Uint8Array): Promise<boolean> {
  const asked = { digest: access, credentialDigest: await sha256(resource.secret), resourceId: null };
  return (await findAccessToken(owner.db, asked, operator()))?.token != null;
}

/**
 * Issues to a party in every way, while an owner takes its access away. Nothing outlives that. Returns what to check
 * once the owner has given access again: it brings nothing back, and no code waits.
 */
export async function issueWhile(gatehouse: Gatehouse, party: Party, takeAway: () => Promise<unknown>) {
  const first = await connect(party);
  expect(await isAccepted(gatehouse, first.accessDigest)).toBe(true);
  const { decide, poll } = await createDevice(party);
  await decide(["mcp:tools"]);
  const [waiting, late, fresh, successors] = [digest(), digest(), newTokens(), newTokens()];
  await issueCode(party, waiting);
  await Promise.all([
    someTime(() => issueCode(party, late)),
    someTime(() => redeem(party, waiting, fresh)),
    someTime(() => rotate(party, first.refreshDigest, successors, { sealedAnswer: null })),
    someTime(() => poll()),
    someTime(takeAway),
  ]);
  const families = await party.db.read(
    sql`select id from token_families where user_id = ${party.userId}::uuid and revoked_at is null`,
  );
  expect(families).toEqual([]);
  return async () => {
    for (const { accessDigest } of [first, fresh, successors])
      expect(await isAccepted(gatehouse, accessDigest)).toBe(false);
    expect(await redeem(party, late)).toBeNull();
  };
}
