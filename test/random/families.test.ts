import fc from "fast-check";
import { expect, test } from "vitest";
import { grantTokens, isActive, postForm, revoke, type Tokens } from "../support/oauth-client.ts";
import { RUNS_FACTOR } from "../support/random.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();

/** What the model knows about one generation: its two tokens and their state. Times in seconds. */
type Generation = {
  readonly tokens: Tokens;
  readonly createdAt: number;
  usedAt: number | null;
  usedBy: string | null;
  accessSeen: boolean;
  accessRevoked: boolean;
};
type Family = { revoked: boolean; readonly chain: Generation[] };
type Model = { now: number; readonly families: Family[] };

type Step =
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "grant" }
  | { readonly kind: "refresh"; readonly family: number; readonly back: number; readonly caller: string }
  | {
      readonly kind: "introspect" | "revoke_access" | "revoke_refresh";
      readonly family: number;
      readonly back: number;
    };

const family = fc.nat(2);
const back = fc.constantFrom(0, 0, 0, 1, 1, 2);
const caller = fc.constantFrom("laptop", "laptop", "other");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(5, 20, 45, 300, 700, 2500) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("grant" as const) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("refresh" as const), family, back, caller }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("introspect" as const), family, back }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("revoke_access" as const, "revoke_refresh" as const), family, back }),
  },
);

const newGeneration = (tokens: Tokens, createdAt: number): Generation => ({
  tokens,
  createdAt,
  usedAt: null,
  usedBy: null,
  accessSeen: false,
  accessRevoked: false,
});

/** The right answer to a presented refresh token: rotate, the same pair again, refuse, or refuse and revoke. */
function judge(
  { revoked, chain }: Family,
  index: number,
  by: string,
  now: number,
): "rotate" | "replay" | "refuse" | "reuse" {
  const { usedAt, usedBy } = chain[index] as Generation;
  if (revoked) return "refuse";
  if (usedAt === null) return "rotate";
  const successor = chain[index + 1] as Generation;
  const isPredecessor = index === chain.length - 2;
  const recent = now - usedAt < 30;
  const lost = now - usedAt < 600 && usedBy === by && !successor.accessSeen;
  if (isPredecessor && (recent || lost)) return "replay";
  return recent && usedBy === by ? "refuse" : "reuse";
}

async function take(model: Model, each: Step): Promise<void> {
  if (each.kind === "wait") {
    model.now += each.seconds;
    return gatehouse.moveClock(model.now);
  }
  if (each.kind === "grant") {
    if (model.families.length < 3) {
      const tokens = await grantTokens(gatehouse, browser, client);
      model.families.push({ revoked: false, chain: [newGeneration(tokens, model.now)] });
    }
    return;
  }
  const family = model.families[each.family % model.families.length];
  if (!family) return;
  const index = Math.max(0, family.chain.length - 1 - each.back);
  const generation = family.chain[index] as Generation;
  switch (each.kind) {
    case "introspect": {
      const alive = !family.revoked && !generation.accessRevoked && model.now - generation.createdAt < 3600;
      expect(await isActive(gatehouse, generation.tokens.access_token)).toBe(alive);
      generation.accessSeen ||= alive;
      return;
    }
    case "revoke_access":
      expect((await revoke(gatehouse, client, generation.tokens.access_token)).status).toBe(200);
      generation.accessRevoked = true;
      return;
    case "revoke_refresh":
      expect((await revoke(gatehouse, client, generation.tokens.refresh_token)).status).toBe(200);
      family.revoked = true;
      return;
    case "refresh":
      return takeRefresh(model, family, index, each.caller);
  }
}

async function takeRefresh(model: Model, family: Family, index: number, by: string): Promise<void> {
  const generation = family.chain[index] as Generation;
  const fields = {
    grant_type: "refresh_token",
    refresh_token: generation.tokens.refresh_token,
    client_id: client.client_id,
  };
  const response = await postForm(`${gatehouse.issuer}/token`, fields, { "User-Agent": by });
  const verdict = judge(family, index, by, model.now);
  expect(response.status, verdict).toBe(verdict === "rotate" || verdict === "replay" ? 200 : 400);
  if (verdict === "reuse") family.revoked = true;
  if (response.status !== 200) return;
  const tokens = (await response.json()) as Tokens;
  if (verdict === "replay") {
    const { access_token, refresh_token } = (family.chain[index + 1] as Generation).tokens;
    expect(tokens).toMatchObject({ access_token, refresh_token });
    return;
  }
  generation.usedAt = model.now;
  generation.usedBy = by;
  family.chain.push(newGeneration(tokens, model.now));
}

test("T4 the server agrees with a model of token families on every random sequence of requests", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const model: Model = { now: 0, families: [] };
      await gatehouse.moveClock(0);
      await take(model, { kind: "grant" });
      for (const each of steps) await take(model, each);
    }),
    { numRuns: 30 * RUNS_FACTOR },
  );
});
