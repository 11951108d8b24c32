import { expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ issuerPath: "/auth" });

test("M1 an issuer with a path has its metadata at the path-inserted form, and works", async () => {
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
