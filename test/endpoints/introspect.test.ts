import { describe, expect, test } from "vitest";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { readResource } from "../../src/flows/admin/lists.ts";
import { addResource, rotateResourceCredential } from "../../src/flows/admin/resources.ts";
import { mintToken } from "../../src/lib/token.ts";
import { basic, errorOf, grantTokens, introspect, postForm } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene();
const { resource, owner } = gatehouse;
const ask = (token: string, headers: Record<string, string>) => postForm(`${issuer}/introspect`, { token }, headers);

describe("I1 introspection", () => {
  test("I1 an active token is described in full", async () => {
    const { access_token, scope } = await grantTokens(gatehouse, browser, client);
    const response = await introspect(gatehouse, access_token);
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const answer = (await response.json()) as Record<string, number>;
    expect(answer).toEqual({
      active: true,
      scope,
      client_id: client.client_id,
      username: person.email,
      sub: person.id,
      aud: resource.uri,
      iss: issuer,
      token_type: "Bearer",
      jti: expect.stringMatching(/^[\da-f]{32}$/),
      exp: expect.any(Number),
      iat: expect.any(Number),
      nbf: expect.any(Number),
    });
    expect(Math.abs((answer["iat"] ?? 0) - Date.now() / 1000)).toBeLessThan(10);
    expect((answer["exp"] ?? 0) - (answer["iat"] ?? 0)).toBe(3600);
  });

  test("I1 a Bearer credential works as well as Basic, and other parameters are ignored", async () => {
    const { access_token } = await grantTokens(gatehouse, browser, client);
    const bearer = await ask(access_token, { Authorization: `Bearer ${resource.secret}` });
    expect(await bearer.json()).toMatchObject({ active: true });
    const hinted = await postForm(
      `${issuer}/introspect`,
      { token: access_token, token_type_hint: "refresh_token", x: "y" },
      basic(resource.id, resource.secret),
    );
    expect(await hinted.json()).toMatchObject({ active: true });
  });

  test("I1 a secret in the body works too, as generic verifiers send it, but not beside another credential", async () => {
    const { access_token } = await grantTokens(gatehouse, browser, client);
    const byPost = (fields: Record<string, string>, headers = {}) =>
      postForm(`${issuer}/introspect`, { token: access_token, ...fields }, headers);
    const credential = { client_id: resource.id, client_secret: resource.secret };
    expect(await (await byPost(credential)).json()).toMatchObject({ active: true, aud: resource.uri });
    for (const wrong of [
      { ...credential, client_secret: await mintToken(owner.keys, "gthv") },
      { ...credential, client_secret: "" },
      { ...credential, client_id: "other" },
      { client_secret: resource.secret },
    ]) {
      const response = await byPost(wrong);
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic /);
      expect(await errorOf(response)).toBe("401 invalid_client");
    }
    const header = basic(resource.id, resource.secret);
    expect(await errorOf(await byPost(credential, header))).toBe("400 invalid_request");
  });

  test("I1 a missing credential, a wrong one and a client's secret are 401 with a challenge", async () => {
    const { access_token } = await grantTokens(gatehouse, browser, client);
    const forged = await mintToken(owner.keys, "gthv");
    const attempts: { Authorization?: string }[] = [
      {},
      basic(resource.id, "wrong"),
      basic(resource.id, forged),
      basic(resource.id, ""),
      basic("other", resource.secret),
      basic(client.client_id, ""),
      { Authorization: "Bearer wrong" },
      { Authorization: `Bearer ${forged}` },
      { Authorization: `Bearer ${access_token}` },
      { Authorization: "Basic !" },
    ];
    for (const headers of attempts) {
      const response = await ask(access_token, headers as Record<string, string>);
      // In the scheme that was used (RFC 7662 §2.3).
      const bearer = String(headers.Authorization).startsWith("Bearer");
      expect(response.headers.get("WWW-Authenticate")).toMatch(bearer ? /^Bearer .*error="invalid_token"/ : /^Basic /);
      expect(await errorOf(response)).toBe(bearer ? "401 invalid_token" : "401 invalid_client");
    }
  });

  test('I1 everything else is exactly {"active":false}', async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const expired = await grantTokens(gatehouse, browser, client);
    const other = await addResource(owner, { uri: "https://other.example", name: "", scopes: [], isDefault: false });
    if ("problem" in other) throw new Error(other.problem);
    const foreign = await grantTokens(gatehouse, browser, client, { resource: other.uri });
    const inactive = async (token: string) =>
      expect(await (await introspect(gatehouse, token)).text()).toBe('{"active":false}');
    for (const token of [
      "junk",
      "x".repeat(5000),
      tokens.refresh_token,
      `${tokens.access_token}x`,
      tokens.access_token.slice(0, -1),
      await mintToken(owner.keys, "gtha"),
      await mintToken(null, "gtha"),
      foreign.access_token,
    ]) {
      await inactive(token);
    }
    await gatehouse.moveClock(3600);
    await inactive(expired.access_token);
    await gatehouse.moveClock(0);
    expect(await (await ask(foreign.access_token, basic(other.id, other.secret))).json()).toMatchObject({
      active: true,
    });
  });

  test("Outages: a token that is presented to another resource is recorded", async () => {
    const { events } = (await readAuditEvents(owner, {
      name: "foreign_token_introspected",
      email: null,
      clientId: client.client_id,
      days: null,
      before: null,
      limit: 10,
    })) as { events: { resourceId: string }[] };
    expect(events[0]?.resourceId).toBe(resource.id);
  });

  test("I1 a request without a token is 400", async () => {
    expect(await errorOf(await postForm(`${issuer}/introspect`, {}, basic(resource.id, resource.secret)))).toBe(
      "400 invalid_request",
    );
  });

  test("Clients: two credentials work while one is rotated, but never three", async () => {
    const added = await addResource(owner, { uri: "https://rotating.example", name: "", scopes: [], isDefault: false });
    if ("problem" in added) throw new Error(added.problem);
    const rotate = async () => {
      const rotated = await rotateResourceCredential(owner, added.uri);
      if ("problem" in rotated) throw new Error(rotated.problem);
      return rotated.secret;
    };
    const status = async (secret: string) => (await ask("junk", basic(added.id, secret))).status;
    const [second, third] = [await rotate(), await rotate()];
    expect([await status(added.secret), await status(second), await status(third)]).toEqual([401, 200, 200]);
    const fourth = await rotate();
    expect([await status(second), await status(third), await status(fourth)]).toEqual([401, 200, 200]);
  });
});

test("Clients: a credential shows the hour of its last use, which only its own requests change", async () => {
  const added = await addResource(owner, { uri: "https://stamped.example", name: "", scopes: [], isDefault: false });
  if ("problem" in added) throw new Error(added.problem);
  const uses = async () => (await readResource(owner, added.id))?.credentials.map(({ lastUsedAt }) => lastUsedAt);
  const { access_token } = await grantTokens(gatehouse, browser, client);
  expect(await ask(access_token, basic(resource.id, added.secret))).toHaveProperty("status", 401);
  expect(await uses()).toEqual([null]);
  await ask(access_token, basic(added.id, added.secret));
  const [first] = (await uses()) ?? [];
  expect(first).toBeCloseTo(Date.now() / 1000, -2);
  await gatehouse.moveClock(1800);
  await ask(access_token, basic(added.id, added.secret));
  expect(await uses()).toEqual([first]);
  const rotated = await rotateResourceCredential(owner, added.uri);
  expect(await uses()).toEqual([first, null]);
  await gatehouse.moveClock(3700);
  await ask(access_token, basic(added.id, "secret" in rotated ? rotated.secret : ""));
  expect((await uses())?.[0]).toBe(first);
  expect((await uses())?.[1]).toBeGreaterThan(first ?? 0);
  await gatehouse.moveClock(0);
});
