import { describe, expect, test } from "vitest";
import { removeIssuer, setIssuerStatus } from "../../src/flows/admin/issuers.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  type Claims,
  createAssertingClient,
  present,
  redeemed,
  refusal,
  trustIssuer,
  vouch,
} from "../support/issuer.ts";
import { basic, errorOf, isActive, postForm } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, resource, owner } = gatehouse;
const client = await createAssertingClient(gatehouse);
const acme = await trustIssuer(gatehouse);

const vouched = (claims: Claims = {}, header: Claims = {}) => vouch(gatehouse, acme, client.id, claims, header);
const sent = (assertion: string, fields: Record<string, string> = {}) => present(gatehouse, client, assertion, fields);

describe("T2 the token of a good assertion", () => {
  test("T2 its scopes are those that assertion, request, client and server share", async () => {
    const narrow = await createAssertingClient(gatehouse, { scope: "mcp:tools mcp:prompts" });
    const ask = async (claims: Claims, fields: Record<string, string>, by = client) => {
      const answer = await present(gatehouse, by, await vouch(gatehouse, acme, by.id, claims), fields);
      const body = (await answer.json()) as Record<string, string>;
      return body["scope"] ?? body["error"];
    };
    expect(await ask({ scope: "mcp:tools" }, { scope: "mcp:tools mcp:prompts" })).toBe("mcp:tools");
    expect(await ask({ scope: "mcp:tools mcp:prompts" }, { scope: "mcp:prompts" })).toBe("mcp:prompts");
    expect(await ask({}, { scope: "mcp:resources mcp:prompts" }, narrow)).toBe("mcp:prompts");
    expect(await ask({}, {}, narrow)).toBe("mcp:tools mcp:prompts");
    expect(await ask({ scope: "mcp:tools" }, { scope: "mcp:prompts" })).toBe("invalid_scope");
    expect(await ask({ scope: "other" }, {})).toBe("invalid_scope");
    expect(await ask({ scope: "openid" }, {})).toBe("invalid_scope");
    expect(await ask({ scope: ["mcp:tools mcp:prompts"] }, {})).toBe("mcp:tools mcp:prompts");
  });

  test("T2 its resource is that of the assertion, the requested one, or else the only one", async () => {
    const answer = async (claims: Claims, fields: Record<string, string> = {}) => {
      const body = (await (await sent(await vouched(claims), fields)).json()) as Record<string, string>;
      return body["resource"] ?? body["error"];
    };
    expect(await answer({ resource: undefined })).toBe(resource.uri);
    expect(await answer({ resource: undefined }, { resource: resource.uri })).toBe(resource.uri);
    expect(await answer({ resource: `${resource.uri}/` })).toBe(resource.uri);
    expect(await answer({ aud: [issuer] })).toBe(resource.uri);
    expect(await answer({ aud: `${issuer}/` })).toBe(resource.uri);
    expect(await answer({}, { resource: "https://other.example/mcp" })).toBe("invalid_target");
    expect(await answer({ resource: undefined }, { resource: "https://other.example/mcp" })).toBe("invalid_target");
  });

  test("T2 it is issued once, even if the assertion arrives many times at once or under another client's wrong secret", async () => {
    const assertion = await vouched();
    const answers = await Promise.all(Array.from({ length: 12 }, () => sent(assertion)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 11 }, () => 400)]);
    const again = await vouched({ jti: "the same jti" });
    expect((await sent(again)).status).toBe(200);
    expect(await refusal(sent(await vouched({ jti: "the same jti" })))).toContain("used before");
    // The same `jti` from another issuer is another assertion.
    const other = await trustIssuer(gatehouse);
    const theirs = await vouch(gatehouse, other, client.id, { jti: "the same jti" });
    expect((await sent(theirs)).status).toBe(200);
  });

  test("T7 a disabled person gets none, and loses those issued before", async () => {
    const email = "gone@acme.example";
    const claims = { sub: "gone", email, email_verified: true };
    const { access_token } = await redeemed(await sent(await vouched(claims)));
    await setUserStatus(owner, email, "disable");
    expect(await isActive(gatehouse, access_token)).toBe(false);
    const again = await vouched(claims);
    expect(await refusal(sent(again))).toContain("may not use");
  });

  test("T7 turning an issuer off, or removing it, ends all tokens that came by it and lets no more come", async () => {
    for (const end of [
      (name: string) => setIssuerStatus(owner, name, "off"),
      (name: string) => removeIssuer(owner, name),
    ]) {
      const by = await trustIssuer(gatehouse, { refreshes: true });
      const { access_token, refresh_token } = await redeemed(await sent(await vouch(gatehouse, by, client.id)));
      const other = await redeemed(await sent(await vouched()));
      const waiting = await vouch(gatehouse, by, client.id);
      expect(await end(by.name)).toBe(true);
      expect(await isActive(gatehouse, access_token)).toBe(false);
      expect(await isActive(gatehouse, other.access_token)).toBe(true);
      const fields = { grant_type: "refresh_token", refresh_token };
      const refreshed = await postForm(`${issuer}/token`, fields, basic(client.id, client.secret));
      expect(await errorOf(refreshed)).toBe("400 invalid_grant");
      expect(await refusal(sent(waiting))).toContain("not trusted");
    }
  });

  test("T4 refresh tokens are issued only if the owner allows that for the issuer, and they rotate", async () => {
    const by = await trustIssuer(gatehouse, { refreshes: true });
    const { refresh_token } = await redeemed(await sent(await vouch(gatehouse, by, client.id, { scope: "mcp:tools" })));
    const fields = { grant_type: "refresh_token", refresh_token };
    const next = await redeemed(await postForm(`${issuer}/token`, fields, basic(client.id, client.secret)));
    expect(next.scope).toBe("mcp:tools");
    const wider = { grant_type: "refresh_token", refresh_token: next.refresh_token, scope: "mcp:prompts" };
    expect(await errorOf(await postForm(`${issuer}/token`, wider, basic(client.id, client.secret)))).toBe(
      "400 invalid_scope",
    );
  });
});
