import { sql } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { allowAccess, findAccessRule, removeAccess, setOpenness } from "../../src/flows/admin/access-rules.ts";
import { removeAppRule, setAppRule } from "../../src/flows/admin/app-rules.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { beginDevice, DEVICE_GRANT, decideDevice, pollDevice, viewDevice } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createAssertingClient, present, trustIssuer, vouch } from "../support/issuer.ts";
import {
  authorizationRequest,
  introspect,
  redeem,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { RUNS_FACTOR } from "../support/random.ts";

const gatehouse = await startGatehouse();
const { owner } = gatehouse;
const issuer = await trustIssuer(gatehouse, { linksAddresses: true, joining: [] });
const asserting = await createAssertingClient(gatehouse);
const SCOPES = ["a", "b", "c"];
let walks = 0;

/** Answers of the server about one connection, with what its person granted it. */
type Family = {
  readonly id: string;
  readonly byItself: boolean;
  readonly access: string[];
  refreshToken: string | null;
  granted: readonly string[];
  ended: boolean;
};

/** A server, a person, an app that registered itself, and the model of the rules. */
async function createWalk() {
  walks += 1;
  // A walk that failed left its rule behind.
  await removeAppRule(owner, "registered", "");
  const uri = `https://walk-${walks}.example/mcp`;
  const scopes = SCOPES.map((name) => ({ name, description: name, implies: [], isDefault: true }));
  const server = await addResource(owner, { uri, name: "Walk", scopes, isDefault: false });
  if ("problem" in server) throw new Error(server.problem);
  const person = await gatehouse.addPerson();
  // It begins restricted, because that is when most things can go wrong.
  await allowAccess(owner, server.id, { kind: "person", email: person.email }, SCOPES);
  await setOpenness(owner, server.id, false);
  const grant_types = ["authorization_code", "refresh_token", DEVICE_GRANT];
  return {
    server,
    uri,
    person,
    at: { ...gatehouse, resource: { ...gatehouse.resource, ...server } },
    browser: await gatehouse.signedInBrowser(person),
    client: await registerClient(gatehouse, { grant_types }),
    open: false,
    rules: new Map<"person" | "everybody", readonly string[]>([["person", SCOPES]]),
    appRule: "none" as "none" | "ask" | "refuse",
    families: [] as Family[],
  };
}
type Walk = Awaited<ReturnType<typeof createWalk>>;

const cut = (scopes: readonly string[], to: readonly string[]) => scopes.filter((scope) => to.includes(scope));
/** The scopes that a request may get of those that are left: the ones that it names, or all if none of these is left. */
const remaining = (asked: readonly string[] | null, left: readonly string[]) => {
  const named = cut(left, asked ?? left);
  return named.length > 0 ? named : left;
};
const words = (scope: string) => scope.split(" ").filter((word) => word !== "");
/** The scopes that the person may have now. */
const allowedTo = ({ open, rules }: Walk) =>
  open ? SCOPES : SCOPES.filter((scope) => [...rules.values()].some((scopes) => scopes.includes(scope)));

const subset = fc.subarray(SCOPES, { minLength: 1 });
const which = fc.nat(3);
const subject = fc.constantFrom("person" as const, "everybody" as const);
const kind = <T extends string>(name: T) => fc.constant(name);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind("consent"), scopes: subset, ticked: subset, asked: fc.option(subset) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("device"), scopes: subset, ticked: subset }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("assertion"), scopes: subset, asked: fc.option(subset) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("refresh"), which, asked: fc.option(subset) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("narrow"), which, keep: subset }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("rule"), subject, scopes: subset }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("unrule"), subject }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("open"), open: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("app"),
      decision: fc.constantFrom("none" as const, "ask" as const, "refuse" as const),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Of<K extends Step["kind"]> = Extract<Step, { kind: K }>;

/** What was issued is within what was granted and what the person may have. */
async function keep(walk: Walk, tokens: Tokens, granted: readonly string[], byItself: boolean): Promise<void> {
  expect(cut(granted, allowedTo(walk))).toEqual(expect.arrayContaining(words(tokens.scope)));
  const [row] = await owner.db.read<{ id: string }>(
    sql`select id::text from token_families where resource_id = ${walk.server.id} order by created_at desc limit 1`,
  );
  const family = { id: row?.id ?? "", byItself, access: [tokens.access_token], granted, ended: false };
  walk.families.push({ ...family, refreshToken: tokens.refresh_token ?? null });
}

async function consent(walk: Walk, { scopes, ticked, asked }: Of<"consent">): Promise<void> {
  const { browser, client, uri } = walk;
  const request = await authorizationRequest(gatehouse, client, { resource: uri, scope: scopes.join(" ") });
  const page = await browser.open(request.url);
  const mayConsent = allowedTo(walk).length > 0 && walk.appRule === "none";
  expect(page.status === 200, page.html.textContent).toBe(mayConsent);
  if (!mayConsent) return;
  const offered = page.html.querySelectorAll("input[name=scope]").map((box) => box.getAttribute("value") ?? "");
  expect(allowedTo(walk)).toEqual(expect.arrayContaining(offered));
  const granted = cut(offered, ticked);
  const answer = await browser.submit(page, "/consent", { decision: "allow", scope: ticked });
  const code = answer.left?.searchParams.get("code");
  expect(code != null).toBe(granted.length > 0);
  if (!code) return;
  const grant = { code, verifier: request.verifier, redirectUri: client.redirect_uris[0] ?? "" };
  const response = await redeem(gatehouse, client, grant, asked ? { scope: asked.join(" ") } : {});
  expect(response.status).toBe(200);
  const tokens = (await response.json()) as Tokens;
  expect(remaining(asked, granted)).toEqual(expect.arrayContaining(words(tokens.scope)));
  await keep(walk, tokens, granted, true);
}

async function device(walk: Walk, { scopes, ticked }: Of<"device">): Promise<void> {
  const begun = await beginDevice(gatehouse, walk.client, { resource: walk.uri, scope: scopes.join(" ") });
  const page = await viewDevice(gatehouse, walk.browser, begun);
  const offered = cut(scopes, allowedTo(walk));
  expect(page.status === 200, page.html.textContent).toBe(offered.length > 0 && walk.appRule === "none");
  if (page.status !== 200) return;
  const granted = cut(offered, ticked);
  const decided = await decideDevice(walk.browser, page, { decision: "allow", scope: ticked });
  expect(decided.status === 200).toBe(granted.length > 0);
  if (granted.length === 0) return;
  const response = await pollDevice(gatehouse, walk.client, begun);
  expect(response.status).toBe(200);
  await keep(walk, (await response.json()) as Tokens, granted, true);
}

async function assertion(walk: Walk, { scopes, asked }: Of<"assertion">): Promise<void> {
  const { email, id } = walk.person;
  const claims = { sub: id, email, email_verified: true, resource: walk.uri, scope: scopes.join(" ") };
  const signed = await vouch(gatehouse, issuer, asserting.id, claims);
  const response = await present(gatehouse, asserting, signed, asked ? { scope: asked.join(" ") } : {});
  const within = cut(cut(scopes, asked ?? SCOPES), allowedTo(walk));
  expect(response.status === 200, await response.clone().text()).toBe(within.length > 0);
  if (response.status === 200) await keep(walk, (await response.json()) as Tokens, within, false);
}

async function refreshFamily(walk: Walk, family: Family, asked: readonly string[] | null): Promise<void> {
  if (family.refreshToken === null) return;
  const response = await refresh(gatehouse, walk.client, family.refreshToken, asked ? { scope: asked.join(" ") } : {});
  const left = cut(family.granted, allowedTo(walk));
  if (family.ended || left.length === 0) expect(response.status).toBe(400);
  if (response.status !== 200) return;
  const tokens = (await response.json()) as Tokens;
  expect(remaining(asked, left)).toEqual(expect.arrayContaining(words(tokens.scope)));
  family.refreshToken = tokens.refresh_token;
  family.access.push(tokens.access_token);
}

async function narrow({ browser }: Walk, family: Family, scopes: readonly string[]): Promise<void> {
  const kept = cut(family.granted, scopes);
  if (family.ended || kept.length === 0) return;
  const path = `/account/connections/${family.id}`;
  const page = await browser.open(gatehouse.issuer + path);
  const form = page.html
    .querySelectorAll("form")
    .some((each) => each.getAttribute("action")?.endsWith(`${path}/narrow`));
  if (!form) return;
  const answer = await browser.submit(page, `${path}/narrow`, { scope: kept });
  if (answer.status === 200) family.granted = kept;
}

async function changeAppRule(walk: Walk, { decision }: Of<"app">): Promise<void> {
  walk.appRule = decision;
  await (decision === "none" ? removeAppRule(owner, "registered", "") : setAppRule(owner, "registered", "", decision));
  for (const family of walk.families) family.ended ||= family.byItself && decision === "refuse";
}

async function changeRules(walk: Walk, each: Of<"rule" | "unrule" | "open">): Promise<void> {
  const { server, person } = walk;
  if (each.kind === "open") {
    walk.open = each.open;
    await setOpenness(owner, server.id, each.open);
  } else {
    const kind = each.subject;
    const about = kind === "person" ? { kind, email: person.email } : { kind };
    if (each.kind === "rule") {
      walk.rules.set(kind, each.scopes);
      await allowAccess(owner, server.id, about, each.scopes);
    } else if (walk.rules.delete(kind)) {
      await removeAccess(owner, server.id, (await findAccessRule(owner, server.id, about))?.id ?? "");
    }
  }
  for (const family of walk.families) family.ended ||= cut(family.granted, allowedTo(walk)).length === 0;
}

async function take(walk: Walk, each: Step): Promise<void> {
  if (each.kind === "consent") return consent(walk, each);
  if (each.kind === "device") return device(walk, each);
  if (each.kind === "assertion") return assertion(walk, each);
  if (each.kind === "app") return changeAppRule(walk, each);
  if (each.kind !== "refresh" && each.kind !== "narrow") return changeRules(walk, each);
  const family = walk.families[each.which % Math.max(1, walk.families.length)];
  if (!family) return;
  return each.kind === "refresh" ? refreshFamily(walk, family, each.asked) : narrow(walk, family, each.keep);
}

/** At its next look-up, each token has at most what was granted and what the person may have now, or it is inactive. */
async function lookUp(walk: Walk): Promise<void> {
  const { at, families } = walk;
  for (const family of families) {
    const left = family.ended ? [] : cut(family.granted, allowedTo(walk));
    for (const token of family.access) {
      const found = (await (await introspect(at, token)).json()) as { active: boolean; scope?: string };
      expect(left).toEqual(expect.arrayContaining(words(found.scope ?? "")));
      if (left.length === 0) expect(found).toEqual({ active: false });
    }
  }
}

test("T4 T7 I2 across all endpoints, scopes never widen, and whoever lost access is refused everywhere", {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 20 }), async (steps) => {
      const walk = await createWalk();
      for (const each of steps) {
        await take(walk, each);
        await lookUp(walk);
      }
    }),
    { numRuns: 15 * RUNS_FACTOR },
  );
});
