import { describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { errorOf, grantCode, grantTokens, isActive, redeem, refresh, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const person = await gatehouse.addPerson();
const browser = await gatehouse.signedInBrowser(person);

describe("T1", () => {
  test("T1 a code is exchanged for tokens with scope, resource and no-store", async () => {
    const client = await registerClient(gatehouse);
    const response = await redeem(gatehouse, client, await grantCode(gatehouse, browser, client));
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Pragma")).toBe("no-cache");
    const tokens = (await response.json()) as Record<string, unknown>;
    expect(tokens).toMatchObject({
      token_type: "Bearer",
      expires_in: 3600,
      scope: "mcp:tools mcp:resources mcp:prompts",
      resource: gatehouse.resource.uri,
    });
    expect(await isActive(gatehouse, String(tokens["access_token"]))).toBe(true);
  });
});

test("T2 a second redemption is refused", async () => {
  const client = await registerClient(gatehouse);
  const grant = await grantCode(gatehouse, browser, client);
  await redeem(gatehouse, client, grant);
  expect(await errorOf(await redeem(gatehouse, client, grant))).toBe("400 invalid_grant");
});

test("T4 a refresh token rotates", async () => {
  const client = await registerClient(gatehouse);
  const tokens = await grantTokens(gatehouse, browser, client);
  const response = await refresh(gatehouse, client, tokens.refresh_token);
  expect(response.status).toBe(200);
});
