import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { ASSERTION_TYPE } from "../support/client-assertion.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createInternet } from "../support/internet.ts";
import {
  authorizationRequest,
  errorOf,
  grantTokens,
  isActive,
  postForm,
  REDIRECT_URI,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

/** Attacks that somebody found, each with its former effect. */
const internet = createInternet();
const { gatehouse, issuer, browser } = await ownScene({ outbound: internet.outbound });
const { owner } = gatehouse;

test("R9 keys that are not sound are the client's error, and never a 500", async () => {
  for (const key of [
    { kty: "RSA", n: "AQAB", e: "AQAB" },
    { kty: "RSA", n: "", e: "" },
    { kty: "EC", crv: "P-256", x: "AA", y: "AA" },
    { kty: "OKP", crv: "Ed25519", x: "AA" },
    { kty: "RSA" },
    {},
  ]) {
    const client = await registerClient(gatehouse, {
      token_endpoint_auth_method: "private_key_jwt",
      // A good URI beside it, without which the client wouldn't be registered.
      jwks: { keys: [key, { kty: "OKP", crv: "Ed25519", x: "a".repeat(43) }] },
    });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const alg of ["RS256", "ES256", "EdDSA"]) {
      const { client_id } = client;
      const exp = Math.floor(Date.now() / 1000) + 60;
      const claims = { iss: client_id, sub: client_id, aud: issuer, jti: crypto.randomUUID(), exp };
      const fields = {
        grant_type: "refresh_token",
        refresh_token: "x",
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: `${part({ alg })}.${part(claims)}.AAAA`,
      };
      expect(await errorOf(await postForm(`${issuer}/token`, fields))).toBe("401 invalid_client");
    }
  }
});

test("R9 no keys are fetched for an assertion whose own claims make it invalid", async () => {
  const jwks_uri = "https://keys.example/jwks.json";
  internet.serve(jwks_uri, { keys: [] });
  const client = await registerClient(gatehouse, { token_endpoint_auth_method: "private_key_jwt", jwks_uri });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const { client_id } = client;
  const exp = Math.floor(Date.now() / 1000) + 60;
  const good = { iss: client_id, sub: client_id, aud: issuer, jti: "x", exp };
  for (const [alg, claims] of [
    ["none", good],
    ["HS256", good],
    ["RS256", { ...good, aud: "https://other.example" }],
    ["RS256", { ...good, exp: exp - 3600 }],
    ["RS256", { ...good, iss: "other" }],
    ["RS256", { ...good, jti: undefined }],
  ] as const) {
    const fields = {
      grant_type: "refresh_token",
      refresh_token: "x",
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: `${part({ alg })}.${part(claims)}.AAAA`,
    };
    expect(await errorOf(await postForm(`${issuer}/token`, fields))).toBe("401 invalid_client");
  }
  expect(internet.asked(jwks_uri)).toBe(0);
});

test("R7 a client that gives up its keys loses the owner's approval", async () => {
  const jwks = { keys: [{ kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] };
  const client = await registerClient(gatehouse, { token_endpoint_auth_method: "private_key_jwt", jwks });
  await setClientStatus(owner, client.client_id, "approve");
  const { client_id, client_name, redirect_uris } = client;
  const changed = await fetch(String(client["registration_client_uri"]), {
    method: "PUT",
    body: JSON.stringify({ client_id, client_name, redirect_uris, jwks, token_endpoint_auth_method: "none" }),
    headers: { Authorization: `Bearer ${client["registration_access_token"]}`, "Content-Type": "application/json" },
  });
  expect(changed.status).toBe(200);
  const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
  expect(page.html.textContent).not.toContain("approved by the people");
});

test("R7 a blocked client can't remove the block by deleting itself", async () => {
  const client = await registerClient(gatehouse);
  await setClientStatus(owner, client.client_id, "block");
  const deleted = await fetch(String(client["registration_client_uri"]), {
    method: "DELETE",
    headers: { Authorization: `Bearer ${client["registration_access_token"]}` },
  });
  expect(deleted.status).toBe(401);
  expect(await owner.db.read(sql`select id from clients where id = ${client.client_id}`)).toHaveLength(1);
});

test("T4 a thief who has rotated twice is discovered when the owner of the token refreshes", async () => {
  const client = await registerClient(gatehouse);
  const stolen = await grantTokens(gatehouse, browser, client);
  const from = async (agent: string, refresh_token: string) => {
    const fields = { grant_type: "refresh_token", refresh_token, client_id: client.client_id };
    return postForm(`${issuer}/token`, fields, { "User-Agent": agent });
  };
  const first = (await (await from("thief", stolen.refresh_token)).json()) as Tokens;
  const second = (await (await from("thief", first.refresh_token)).json()) as Tokens;
  expect((await from("owner", stolen.refresh_token)).status).toBe(400);
  expect(await isActive(gatehouse, second.access_token)).toBe(false);
  expect((await refresh(gatehouse, client, second.refresh_token)).status).toBe(400);
});

describe("P2 whose sign-ins are counted together", () => {
  test("P2 cookies of known browsers from before a change of password have no budget of their own", async () => {
    const victim = await gatehouse.addPerson();
    const devices: string[] = [];
    for (let n = 0; n < 4; n++)
      devices.push((await gatehouse.signInBrowser(victim)).cookies.get("gatehouse_browser") ?? "");
    const page = await (await gatehouse.signedInBrowser(victim)).open(`${issuer}/account/security`);
    expect(page.status).toBe(200);
    await owner.db.run(sql`update users set password_changed_at = now() + interval '1 second' where id = ${victim.id}`);
    const statuses: number[] = [];
    for (let guess = 0; guess < 3; guess++)
      for (const device of devices) {
        const stranger = createHeadlessBrowser();
        stranger.cookies.set("gatehouse_browser", device);
        const login = await stranger.open(`${issuer}/login`);
        statuses.push((await stranger.submit(login, "/login", { email: victim.email, password: "wrong" })).status);
      }
    expect(statuses.filter((status) => status === 400)).toHaveLength(5);
  });
});

// On a busy machine Redis may be late, which lets requests through. That says nothing about the limit, so it is tried
// again.
test("P1 no document is fetched past the limit", { retry: 4 }, async () => {
  const limited = await startGatehouse({
    outbound: internet.outbound,
    vars: { LIMITS: "on", LIMIT_OTHER_ADDRESS: "4" },
  });
  await limited.startMinute();
  const visitor = await limited.signedInBrowser(await limited.addPerson());
  const run = crypto.randomUUID();
  const idOf = (n: number) => `https://many${n}-${run}.example/client.json`;
  const ask = (n: number) => {
    const client_id = idOf(n);
    internet.serve(client_id, { client_id, client_name: "Many", redirect_uris: [REDIRECT_URI] });
    return authorizationRequest(limited, { client_id, redirect_uris: [REDIRECT_URI] });
  };
  const urls = await Promise.all(Array.from({ length: 12 }, (_, n) => ask(n)));
  const pages = await Promise.all(urls.map(({ url }) => visitor.open(url)));
  expect(pages.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(8);
  const fetched = urls.filter((_, n) => internet.asked(idOf(n)) > 0).length;
  expect(fetched).toBe(pages.filter(({ status }) => status === 200).length);
});
