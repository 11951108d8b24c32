import { expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ issuerPath: "/auth" });

test("M1 an issuer with a path has its metadata at the path-inserted URL, and its endpoints work", async () => {
  const { issuer } = gatehouse;
  const { origin } = new URL(issuer);
  expect(issuer).toBe(`${origin}/auth`);
  const response = await fetch(`${origin}/.well-known/oauth-authorization-server/auth`);
  expect(await response.json()).toMatchObject({ issuer, token_endpoint: `${issuer}/token` });
  expect((await fetch(`${origin}/token`, { method: "POST" })).status).toBe(404);
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const tokens = await grantTokens(gatehouse, browser, await registerClient(gatehouse));
  expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
});

test.each([
  "/.well-known/oauth-authorization-server/auth",
  "/.well-known/oauth-authorization-server/auth/",
  "/auth/.well-known/oauth-authorization-server",
  "/auth/.well-known/oauth-authorization-server/",
])("M5 %s answers without a redirect with the same body, to pages of other origins too", async (path) => {
  const { origin } = new URL(gatehouse.issuer);
  const headers = { Origin: "http://localhost:6274" };
  const response = await fetch(origin + path, { headers, redirect: "manual" });
  expect(response.status).toBe(200);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe("http://localhost:6274");
  const first = await fetch(`${origin}/.well-known/oauth-authorization-server/auth`);
  expect(await response.json()).toEqual(await first.json());
  expect((await fetch(origin + path, { method: "OPTIONS", headers })).status).toBe(204);
});

test("M3 there is no OpenID configuration under the path either", async () => {
  const { origin } = new URL(gatehouse.issuer);
  for (const path of ["/.well-known/openid-configuration/auth", "/auth/.well-known/openid-configuration"]) {
    expect((await fetch(origin + path)).status).toBe(404);
  }
});
