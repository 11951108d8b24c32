import { generateKeyPair, type JWTHeaderParameters, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { type Broken, jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addHostile, HOSTILE_CLIENT, type Hostile } from "../support/hostile-provider.ts";
import { readProviderFailures } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const hostile = await addHostile(gatehouse, "hostile");
/** Another one, whose keys nobody has fetched yet. */
const keyless = await addHostile(gatehouse, "keyless");
const stranger = await generateKeyPair("RS256");

afterEach(() => {
  hostile.instead = {};
  keyless.instead = {};
});

type Changes = {
  readonly audience?: string;
  readonly seconds?: number;
  readonly iss?: string;
  readonly header?: object;
};

const sign = (
  change: object = {},
  { audience = HOSTILE_CLIENT.clientId, seconds = 60, iss = hostile.issuer, header = {} }: Changes = {},
) =>
  new SignJWT({ sub: "victim", nonce: hostile.nonce, ...change })
    .setProtectedHeader({ alg: "RS256", kid: "1", ...header } as JWTHeaderParameters)
    .setIssuer(iss)
    .setAudience(audience)
    .setIssuedAt(Math.floor(Date.now() / 1000) + seconds - 60)
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds);

const signed = (change: object = {}, changes: Changes = {}) => sign(change, changes).sign(hostile.privateKey);

type Make = () => Promise<string> | string;

/** Signs in at a provider that answers with this ID token. Returns the status of the page. */
async function signInWith(make: Make, at: Hostile = hostile, extra: object = {}): Promise<number | string> {
  const answer = { access_token: "x", token_type: "bearer", expires_in: 60, ...extra };
  at.answer = async () => ({ ...answer, id_token: await make() });
  const browser = createHeadlessBrowser();
  const sent = await browser.submit(await browser.open(`${issuer}/login`), `/login/provider/${at.slug}`, {});
  const { nonce = "", state = "" } = Object.fromEntries(sent.left?.searchParams ?? []);
  hostile.nonce = nonce;
  const page = await browser.open(`${issuer}/callback/${at.slug}?${new URLSearchParams({ code: "x", state })}`);
  return page.url.pathname === "/account" ? "signed in" : page.status;
}

/** Nobody is signed in, the page says so, and the owner's record has the event. */
async function expectRefused(make: Make, at: Hostile = hostile, extra: object = {}): Promise<void> {
  const before = await readProviderFailures(gatehouse);
  expect(await signInWith(make, at, extra)).toBe(503);
  await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
}

const unsigned = () =>
  new UnsecuredJWT({ sub: "victim", nonce: hostile.nonce })
    .setIssuer(hostile.issuer)
    .setAudience(HOSTILE_CLIENT.clientId)
    .setIssuedAt()
    .setExpirationTime("1m")
    .encode();
const withKey = (key: string) => sign({}, { header: { alg: "HS256" } }).sign(new TextEncoder().encode(key));
async function tampered(): Promise<string> {
  const [header, , signature] = (await signed({ sub: "somebody" })).split(".");
  const payload = (await signed()).split(".")[1];
  return [header, payload, signature].join(".");
}

describe("OpenID Connect Core §3.1.3.7 ID tokens", () => {
  test("a sound ID token signs the person in", async () => {
    expect(await signInWith(() => signed())).toBe("signed in");
  });

  test.each<[string, Make]>([
    ["for another client", () => signed({}, { audience: "other" })],
    ["of another issuer", () => signed({}, { iss: keyless.issuer })],
    ["that has expired", () => signed({}, { seconds: -3600 })],
    ["without a nonce", () => signed({ nonce: undefined })],
    ["with the nonce of another sign-in", () => signed({ nonce: "other" })],
    ["without a signature (alg none)", unsigned],
    ["signed with the client secret (key confusion)", () => withKey(HOSTILE_CLIENT.clientSecret)],
    ["signed with the public key (key confusion)", () => withKey(JSON.stringify(hostile.jwk))],
    ["signed with a key that isn't the provider's", () => sign().sign(stranger.privateKey)],
    ["whose claims were changed", tampered],
    ["that isn't a JWT", () => "x.y.z"],
    ["with an unknown critical extension", () => signed({}, { header: { crit: ["b64"], b64: true } })],
    ["with an empty sub", () => signed({ sub: "" })],
    ["with a sub that contains NUL", () => signed({ sub: "vic\0tim" })],
    ["with half a surrogate pair in its sub", () => signed({ sub: "victim\ud800" })],
    ["with an oversized sub", () => signed({ sub: "victim".repeat(2000) })],
  ])("an ID token %s signs nobody in", async (_, make) => {
    await expectRefused(make);
  });

  test.each<[string, object]>([
    ["an access token of an unexpected type", { token_type: "mac" }],
    ["a scope that contains NUL", { scope: "read\0:issues" }],
  ])("an ID token beside %s signs nobody in", async (_, extra) => {
    await expectRefused(() => signed(), hostile, extra);
  });
});

describe("L9 the keys and the token endpoint of a broken provider", () => {
  const { jwk } = keyless;
  const own = () => sign({}, { iss: keyless.issuer }).sign(keyless.privateKey);
  const challenge = { ...jsonAnswer({ error: "invalid_client" }), status: 401 };

  test.each<readonly [string, string, Exclude<Broken[1], "never">]>([
    ["/jwks", "10 MB", jsonAnswer({ keys: [jwk], filler: "x".repeat(10_000_000) })],
    ["/jwks", "500", { ...jsonAnswer({ keys: [jwk] }), status: 500 }],
    [
      "/jwks",
      "a page",
      {
        status: 200,
        body: "<h1>Hello</h1>",
        headers: { "Content-Type": "text/html" },
      },
    ],
    [
      "/jwks",
      "a redirect",
      {
        status: 307,
        body: "",
        headers: { Location: `${hostile.issuer}/jwks` },
      },
    ],
    ["/jwks", "a malformed key", jsonAnswer({ keys: [{ ...jwk, n: 1 }] })],
    ["/jwks", "no keys", jsonAnswer({ keys: [] })],
    [
      "/token",
      "a challenge",
      {
        ...challenge,
        headers: { ...challenge.headers, "WWW-Authenticate": 'Basic realm="x"' },
      },
    ],
    ["/token", "half a token", jsonAnswer([])],
  ])(
    "L9 if %s answers with %s, the person gets a page that says so, an event is logged, and another attempt works",
    async (path, _, answer) => {
      keyless.instead = { [path]: answer };
      await expectRefused(own, keyless);
    },
  );

  test("L9 the person can sign in as soon as the provider answers correctly", async () => {
    expect(await signInWith(own, keyless)).toBe("signed in");
  });
});

describe("L9 an answer of a provider", () => {
  test.each<Record<string, string>>([
    { id_token: "x", code: "x" },
    { token: "x", code: "x" },
    { response: "x" },
    { error: "server_error" },
    {},
  ])("L9 the parameters %j lead to a page that says so, and to an event", async (answer) => {
    const browser = createHeadlessBrowser();
    const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/hostile", {});
    const state = sent.left?.searchParams.get("state") ?? "";
    const before = await readProviderFailures(gatehouse);
    const page = await browser.open(`${issuer}/callback/hostile?${new URLSearchParams({ ...answer, state })}`);
    expect([page.status, page.html.textContent]).toEqual([503, expect.stringContaining("Start again")]);
    await expect.poll(() => readProviderFailures(gatehouse)).toBe(before + 1);
  });

  test("L9 a callback for an unknown provider leads to an error page, whatever its name", async () => {
    const browser = createHeadlessBrowser();
    const sent = await browser.submit(await browser.open(`${issuer}/login`), "/login/provider/hostile", {});
    const state = sent.left?.searchParams.get("state") ?? "";
    for (const slug of ["%00", "%ED%A0%80", "x".repeat(5000), "nobody"]) {
      expect(
        (await browser.open(`${issuer}/callback/${slug}?${new URLSearchParams({ code: "x", state })}`)).status,
      ).toBe(400);
    }
  });
});
