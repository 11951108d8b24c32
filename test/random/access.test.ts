import fc from "fast-check";
import { expect, test } from "vitest";
import { addResource } from "../../src/flows/admin/resources.ts";
import { sha256 } from "../../src/lib/hash.ts";
import {
  type AccessSubject,
  deleteAccessRule,
  listAccessRules,
  updateResourceOpenness,
  upsertAccessRule,
} from "../../src/store/access-rules.ts";
import { findAccessToken } from "../../src/store/access-tokens.ts";
import { consumeAuthorizationCode, insertAuthorizationCode } from "../../src/store/authorization-codes.ts";
import { updateConnectionScopes } from "../../src/store/connections.ts";
import { deleteGroupMember, findGroup, insertGroup, insertGroupMember } from "../../src/store/groups.ts";
import { rotateRefreshToken } from "../../src/store/refresh-tokens.ts";
import { findAccountToken } from "../../src/store/token-exchanges.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { RUNS_FACTOR } from "../support/random.ts";
import {
  asking,
  createParty,
  digest,
  issuedTo,
  LIFETIMES,
  newTokens,
  operator,
  PUBLIC,
  REDIRECT_URI,
  redemptionOf,
  refusedFor,
} from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const SCOPES = ["a", "b", "c"];
let worlds = 0;

/**
 * A server and a person for one walk, with the model's knowledge: who may have what, and what each connection was
 * granted.
 */
async function createWalk() {
  worlds += 1;
  const scopes = SCOPES.map((name) => ({ name, description: name, implies: [], isDefault: true }));
  const uri = `https://walk-${worlds}.example/mcp`;
  const server = await addResource(gatehouse.owner, { uri, name: "Walk", scopes, isDefault: false });
  if ("problem" in server) throw new Error(server.problem);
  const party = { ...(await createParty(gatehouse)), resourceId: server.id };
  const group = `Group ${worlds}`;
  await insertGroup(db, { name: group, follows: null }, operator());
  const groupId = (await findGroup(db, { name: group, id: null }, operator()))?.id ?? "";
  return {
    party,
    groupId,
    server: { id: server.id, credentialDigest: await sha256(server.secret) },
    subjects: {
      person: { kind: "person", email: party.email },
      group: { kind: "group", name: group },
      everybody: { kind: "everybody" },
    } as const,
    open: true,
    isMember: false,
    rules: new Map<AccessSubject["kind"], readonly string[] | null>(),
    families: [] as Family[],
  };
}
type Walk = Awaited<ReturnType<typeof createWalk>>;
type Family = { id: string; refresh: Uint8Array; access: Uint8Array[]; granted: readonly string[]; ended: boolean };

/** The scopes that the person may have now. */
function allowedTo({ open, isMember, rules }: Walk): readonly string[] {
  if (open) return SCOPES;
  const about = (["person", "everybody", ...(isMember ? (["group"] as const) : [])] as const).filter((kind) =>
    rules.has(kind),
  );
  return SCOPES.filter((scope) => about.some((kind) => rules.get(kind)?.includes(scope) ?? true));
}
const cut = (scopes: readonly string[], to: readonly string[]) => scopes.filter((scope) => to.includes(scope));

/** A connection that a change of the rules leaves without scopes has ended. */
function endLost(walk: Walk): void {
  for (const family of walk.families) family.ended ||= cut(family.granted, allowedTo(walk)).length === 0;
}

const subset = fc.subarray(SCOPES, { minLength: 1 });
const which = fc.nat(3);
const subject = fc.constantFrom("person", "group", "everybody");
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("grant" as const), scopes: subset, asked: fc.option(subset) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("refresh" as const), which, asked: fc.option(subset) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("narrow" as const), which, keep: subset }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("rule" as const), subject, scopes: fc.option(subset) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("unrule" as const), subject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("open" as const), open: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("member" as const), joins: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function grant(walk: Walk, scopes: readonly string[], asked: readonly string[] | null): Promise<void> {
  const { party } = walk;
  const [code, tokens] = [digest(), newTokens()];
  const consent = {
    ...{ digest: code, session: { digest: party.sessionDigest, idleSeconds: 3600 }, clientId: party.clientId },
    ...{ clientFingerprint: Buffer.from(party.fingerprint).toString("hex"), resourceId: party.resourceId, scopes },
    ...{
      redirectUri: REDIRECT_URI,
      codeChallenge: "c".repeat(43),
      lifetimeSeconds: 600,
      familySeconds: null,
      userAgent: null,
    },
  };
  const mayHave = cut(scopes, allowedTo(walk)).length === scopes.length;
  expect(await insertAuthorizationCode(db, consent, operator())).toBe(mayHave);
  if (!mayHave) return;
  const redemption = { ...redemptionOf(party, code), scopes: asked };
  const issued = issuedTo(await consumeAuthorizationCode(db, redemption, tokens, LIFETIMES, operator()));
  expect(scopes).toEqual(expect.arrayContaining(issued?.scopes ?? ["none issued"]));
  walk.families.push({
    id: tokens.familyId,
    refresh: tokens.refreshDigest,
    access: [tokens.accessDigest],
    granted: scopes,
    ended: false,
  });
}

async function refresh(walk: Walk, family: Family, asked: readonly string[] | null): Promise<void> {
  const successors = { ...newTokens(), sealedAnswer: null };
  const presented = {
    digest: family.refresh,
    clientId: walk.party.clientId,
    credential: PUBLIC,
    resourceUri: null,
    caller: digest(),
  };
  const answer = await rotateRefreshToken(db, { ...presented, scopes: asked }, successors, LIFETIMES, operator());
  const issued = issuedTo(answer);
  const left = cut(family.granted, allowedTo(walk));
  if (family.ended || left.length === 0) expect(issued).toBeNull();
  if (!issued) return;
  expect(left).toEqual(expect.arrayContaining(issued.scopes));
  family.refresh = successors.refreshDigest;
  family.access.push(successors.accessDigest);
}

async function changeRules(
  walk: Walk,
  each: Extract<Step, { kind: "rule" | "unrule" | "open" | "member" }>,
): Promise<void> {
  const { server, subjects, party, groupId } = walk;
  if (each.kind === "open") {
    walk.open = each.open;
    await updateResourceOpenness(db, server.id, each.open, operator());
  } else if (each.kind === "member") {
    walk.isMember = each.joins;
    await (each.joins ? insertGroupMember : deleteGroupMember)(db, groupId, party.email, operator());
    if (each.joins) return;
  } else if (each.kind === "rule") {
    walk.rules.set(each.subject as AccessSubject["kind"], each.scopes);
    await upsertAccessRule(db, server.id, subjects[each.subject as "person"], each.scopes, operator());
  } else if (walk.rules.delete(each.subject as AccessSubject["kind"])) {
    const rule = (await listAccessRules(db, server.id, operator())).find(({ kind }) => kind === each.subject);
    expect(await deleteAccessRule(db, server.id, rule?.id ?? "", operator())).toBe(true);
  }
  endLost(walk);
}

async function take(walk: Walk, each: Step): Promise<void> {
  if (each.kind === "grant") return grant(walk, each.scopes, each.asked);
  if (each.kind !== "refresh" && each.kind !== "narrow") return changeRules(walk, each);
  const family = walk.families[each.which % Math.max(1, walk.families.length)];
  if (!family) return;
  if (each.kind === "refresh") return refresh(walk, family, each.asked);
  const narrowed = await updateConnectionScopes(db, family.id, each.keep, asking(walk.party));
  if (narrowed) family.granted = cut(family.granted, each.keep);
}

/**
 * The scopes of every token are among those that its connection was granted and that its person may have now. Otherwise
 * the token is dead.
 */
async function checkDoors({ party, server, families }: Walk, allowed: readonly string[]): Promise<void> {
  for (const family of families) {
    const left = family.ended ? [] : cut(family.granted, allowed);
    for (const access of family.access) {
      const presented = { digest: access, credentialDigest: server.credentialDigest, resourceId: null };
      const token = (await findAccessToken(db, presented, operator()))?.token ?? null;
      expect(left).toEqual(expect.arrayContaining(token?.scopes ?? []));
      if (left.length === 0) expect(token, party.email).toBeNull();
      const exchange = { ...presented, tokenDigest: access, provider: "none", scopes: null, linkDigest: digest() };
      const exchanged = await findAccountToken(db, exchange, operator());
      if (exchanged === null || !("refused" in exchanged)) throw new Error("there is no such provider");
      expect(refusedFor(exchanged).includes("tokenActive")).toBe(token === null);
    }
  }
}

test("T4 T7 scopes never widen by consent, code, refresh, narrowing or rules, and a person who lost access is refused everywhere", {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
      const walk = await createWalk();
      for (const each of steps) {
        await take(walk, each);
        await checkDoors(walk, allowedTo(walk));
      }
    }),
    { numRuns: 30 * RUNS_FACTOR },
  );
});
