import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { createSigningKey, signAssertion } from "../support/client-assertion.ts";
import { codeFields, createDpopKey, signProof } from "../support/dpop.ts";
import { addIssuesServer, exchange, grantLinked } from "../support/linked.ts";
import {
  authorizationRequest,
  basic,
  createMachine,
  grantCode,
  grantTokens,
  introspect,
  postForm,
  redeem,
  refresh,
  registerClient,
  revoke,
} from "../support/oauth-client.ts";
import { cookieOf, csrfOf } from "../support/pages.ts";
import { addGitHub } from "../support/providers.ts";
import { ownScene } from "../support/scene.ts";

// The budget of round trips, at the stand-ins' counters, with limits on but high enough to be out of the way.
const { gatehouse, issuer, person, browser, client } = await ownScene({
  vars: {
    LIMITS: "on",
    LIMIT_LOGIN: "1000",
    LIMIT_TOKEN: "1000",
    LIMIT_TOKEN_ADDRESS: "1000",
    LIMIT_REGISTER: "1000",
    LIMIT_OTHER: "1000",
  },
});
const { services } = gatehouse;
const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
// The first call of each Lua script sends the script, which Redis knows from then on.
await grantTokens(gatehouse, browser, client);

async function count(work: () => Promise<unknown>): Promise<{ neon: number; upstash: number }> {
  services.neon.reset();
  services.upstash.reset();
  await work();
  // What is deferred until after the answer counts too.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { neon: services.neon.requests(), upstash: services.upstash.requests() };
}

/** How late Redis answers in the tests of the critical path, if it isn't let go before. */
const LATE_MS = 900;

/** The same for a request whose two trips are one hop: the database is asked before Redis has answered. */
async function countHop(work: () => Promise<unknown>): Promise<{ neon: number; upstash: number; hops: number }> {
  const costs = count(async () => {
    services.upstash.setLatency(LATE_MS);
    await work();
  });
  const begun = performance.now();
  let isAnswered = false;
  const answered = costs.finally(() => {
    isAnswered = true;
  });
  while (services.neon.requests() === 0 && !isAnswered) await new Promise((resolve) => setTimeout(resolve, 2));
  const hops = performance.now() - begun < LATE_MS ? 1 : 2;
  services.upstash.setLatency(0);
  return { ...(await answered), hops };
}

const ONE_HOP = { neon: 1, upstash: 1, hops: 1 };

test("P6 metadata costs no round trip once an isolate knows what is offered", async () => {
  await fetch(`${issuer}/.well-known/oauth-authorization-server`);
  expect(await count(() => fetch(`${issuer}/.well-known/oauth-authorization-server`))).toEqual({ neon: 0, upstash: 0 });
});

test("P6 POST /register costs one trip to the database and one to Redis, in one hop", async () => {
  expect(await countHop(() => registerClient(gatehouse))).toEqual(ONE_HOP);
});

test("P6 GET /authorize of a signed-in person costs one trip to each, in one hop", async () => {
  const { url } = await authorizationRequest(gatehouse, client);
  expect(await countHop(() => browser.open(url))).toEqual(ONE_HOP);
});

test("P6 POST /login costs two trips to each, one before the hash and one after", async () => {
  const stranger = createHeadlessBrowser();
  const page = await stranger.open(`${issuer}/login`);
  const { email, password } = person;
  const costs = await count(() =>
    fetch(`${issuer}/login`, {
      method: "POST",
      redirect: "manual",
      headers: cookieOf(stranger),
      body: new URLSearchParams({
        email,
        password,
        csrf: csrfOf(page),
      }),
    }).then((response) => expect(response.status).toBe(303)),
  );
  expect(costs).toEqual({ neon: 2, upstash: 2 });
});

test("P6 a consent costs one trip to each, in one hop", async () => {
  const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
  expect(await countHop(() => browser.submit(page, "/consent", { decision: "allow" }))).toEqual(ONE_HOP);
});

test("P6 POST /token costs one trip to each, in one hop, for a code or a refresh token, with or without a secret", async () => {
  for (const of of [client, confidential]) {
    const grant = await grantCode(gatehouse, browser, of);
    expect(await countHop(() => redeem(gatehouse, of, grant))).toEqual(ONE_HOP);
    const tokens = await grantTokens(gatehouse, browser, of);
    expect(await countHop(() => refresh(gatehouse, of, tokens.refresh_token))).toEqual(ONE_HOP);
  }
});

test("P6 a device costs one trip to each, in one hop, to begin and for each poll, whatever the answer", async () => {
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const device = await registerClient(gatehouse, { grant_types: [grant_type] });
  const begin = () => postForm(`${issuer}/device_authorization`, { client_id: device.client_id });
  expect(await countHop(begin)).toEqual(ONE_HOP);
  const { device_code, user_code } = (await (await begin()).json()) as { device_code: string; user_code: string };
  const poll = () => postForm(`${issuer}/token`, { grant_type, device_code, client_id: device.client_id });
  expect(await countHop(poll)).toEqual(ONE_HOP);
  const page = await browser.submit(await browser.open(`${issuer}/device`), "/device", { user_code });
  await browser.submit(page, "/device/decide", { decision: "allow" });
  expect(await countHop(poll)).toEqual(ONE_HOP);
});

test("P6 client credentials cost one trip to each, in one hop", async () => {
  const { id, secret } = await createMachine(gatehouse);
  const headers = basic(id, secret);
  const ask = () => postForm(`${issuer}/token`, { grant_type: "client_credentials" }, headers);
  expect(await countHop(ask)).toEqual(ONE_HOP);
});

test("P6 a DPoP proof costs no additional trip, and a request for a nonce none to the database", async () => {
  const key = await createDpopKey();
  const fields = codeFields(client, await grantCode(gatehouse, browser, client));
  const post = async (nonce?: string) =>
    postForm(`${issuer}/token`, fields, {
      DPoP: await signProof(key, { htm: "POST", htu: `${issuer}/token`, nonce }),
    });
  let nonce = "";
  const asked = await count(async () => {
    nonce = (await post()).headers.get("DPoP-Nonce") ?? "";
  });
  expect(asked).toEqual({ neon: 0, upstash: 1 });
  expect(await countHop(async () => expect((await post(nonce)).status).toBe(200))).toEqual({
    neon: 1,
    upstash: 1,
    hops: 1,
  });
});

test("P6 private_key_jwt costs one additional trip, for the keys", async () => {
  const key = await createSigningKey("ES256");
  const machine = await createMachine(gatehouse, {
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [key.jwk] },
  });
  const fields = { grant_type: "client_credentials", ...(await signAssertion(gatehouse, machine.id, key)) };
  const ask = async () => expect((await postForm(`${issuer}/token`, fields)).status).toBe(200);
  expect(await count(ask)).toEqual({ neon: 2, upstash: 1 });
});

test("P6 POST /introspect costs one trip to the database, and none to Redis", async () => {
  const tokens = await grantTokens(gatehouse, browser, client);
  expect(await count(() => introspect(gatehouse, tokens.access_token))).toEqual({ neon: 1, upstash: 0 });
});

test("P6 a token exchange costs one trip to the database and none to Redis, even if the person has to act first", async () => {
  await addGitHub(gatehouse);
  const issues = await addIssuesServer(gatehouse, "github");
  const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "octocat" });
  const ask = () => exchange(gatehouse, issues, tokens.access_token, "github");
  expect(await count(async () => expect((await ask()).status).toBe(200))).toEqual({ neon: 1, upstash: 0 });
  await gatehouse.owner.db.run(sql`delete from linked_accounts`);
  expect(await count(async () => expect((await ask()).status).toBe(400))).toEqual({ neon: 1, upstash: 0 });
});

test("P6 POST /revoke costs one trip to each, in one hop", async () => {
  const tokens = await grantTokens(gatehouse, browser, client);
  expect(await countHop(() => revoke(gatehouse, client, tokens.refresh_token))).toEqual(ONE_HOP);
});

test.each<[string, () => Promise<Response>]>([
  ["a secret at /token", () => refresh(gatehouse, { ...confidential, client_secret: "junk" }, "gthr_junk")],
  ["a secret at /revoke", () => revoke(gatehouse, { ...confidential, client_secret: "junk" }, "junk")],
  ["a credential at /introspect", () => postForm(`${issuer}/introspect`, { token: "x" }, basic("x", "junk"))],
  [
    "an initial access token",
    () =>
      fetch(`${issuer}/register`, {
        method: "POST",
        body: "{}",
        headers: { Authorization: "Bearer junk", "Content-Type": "application/json" },
      }),
  ],
  ["a registration access token", () => fetch(`${issuer}/register/x`, { headers: { Authorization: "Bearer junk" } })],
  ["a token at /revoke", () => revoke(gatehouse, client, "junk")],
  [
    "a session",
    () => fetch(`${issuer}/account`, { headers: { Cookie: "gatehouse_session=junk" }, redirect: "manual" }),
  ],
  ["the client id beside a refresh token", () => refresh(gatehouse, { ...client, client_id: "x" }, "junk")],
])("P6 garbage for %s costs no round trip to the database", async (_, send) => {
  const { neon, upstash } = await count(send);
  expect(neon).toBe(0);
  expect(upstash).toBeLessThanOrEqual(1);
});

test.each<[string, () => Promise<Response>]>([
  ["a refresh token", () => refresh(gatehouse, client, "junk")],
  [
    "a device code",
    () =>
      postForm(`${issuer}/token`, {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: "junk",
        client_id: client.client_id,
      }),
  ],
  ["a code", () => redeem(gatehouse, client, { code: "junk", verifier: "a".repeat(43), redirectUri: "x" })],
])("T5 garbage for %s costs one trip, which finds out whether the client exists", async (_, send) => {
  expect(await countHop(send)).toEqual(ONE_HOP);
});
