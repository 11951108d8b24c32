import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { createAssertingClient, present, trustIssuer, vouch } from "../support/issuer.ts";
import { errorOf, introspect, isActive, type Tokens } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { resource } = gatehouse;
const client = await createAssertingClient(gatehouse);
const acme = await trustIssuer(gatehouse);

const redeem = async (assertion: string, fields: Record<string, string> = {}): Promise<Tokens> => {
  const response = await present(gatehouse, client, assertion, fields);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as Tokens;
};

describe("T1 an identity assertion (ID-JAG §4.4)", () => {
  test("T1 it gets a token for the person whom the issuer names, without a page and without a refresh token", async () => {
    const tokens = await redeem(await vouch(gatehouse, acme, client.id, { scope: "mcp:tools" }));
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^gtha_/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "mcp:tools",
      resource: resource.uri,
    });
    const found = (await (await introspect(gatehouse, tokens.access_token)).json()) as Record<string, unknown>;
    expect(found).toMatchObject({ active: true, client_id: client.id, aud: resource.uri, scope: "mcp:tools" });
    const again = await redeem(await vouch(gatehouse, acme, client.id));
    const same = (await (await introspect(gatehouse, again.access_token)).json()) as Record<string, unknown>;
    expect(same["sub"]).toBe(found["sub"]);
  });

  test("T1 it works once", async () => {
    const assertion = await vouch(gatehouse, acme, client.id);
    const { access_token } = await redeem(assertion);
    expect(await errorOf(await present(gatehouse, client, assertion))).toBe("400 invalid_grant");
    expect(await isActive(gatehouse, access_token)).toBe(true);
  });

  test("T7 it is refused from an app that a rule keeps out, and can be used once the app is let in", async () => {
    const { db } = gatehouse.owner;
    const other = await createAssertingClient(gatehouse);
    await db.run(sql`update clients set registration = 'dynamic', approved_fingerprint = null where id = ${other.id}`);
    const assertion = await vouch(gatehouse, acme, other.id);
    await db.run(sql`insert into app_rules (kind, pattern, decision) values ('registered', '*', 'refuse')`);
    const refused = await present(gatehouse, other, assertion);
    expect(((await refused.json()) as { error_description: string }).error_description).toContain(
      "does not let this client in",
    );
    await db.run(sql`delete from app_rules`);
    expect((await present(gatehouse, other, assertion)).status).toBe(200);
  });
});
