import { describe, expect, test } from "vitest";
import {
  createInitialAccessToken,
  endInitialAccessToken,
  type InitialAccessTokenInput,
} from "../../src/flows/admin/initial-access-tokens.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { askAtOnce } from "../support/at-once.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { authorizationRequest, errorOf, postJson, REDIRECT_URI, type TestClient } from "../support/oauth-client.ts";

const guarded = await startGatehouse({ vars: { REGISTRATION_POLICY: "token" } });
const closed = await startGatehouse({ vars: { REGISTRATION_POLICY: "closed" } });

const register = (issuer: string, token?: string) =>
  postJson(
    `${issuer}/register`,
    { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" },
    token === undefined ? {} : { Authorization: `Bearer ${token}` },
  );

async function createToken(input: Partial<InitialAccessTokenInput> = {}) {
  const created = await createInitialAccessToken(guarded.owner, {
    label: "test",
    resource: null,
    uses: null,
    days: null,
    ...input,
  });
  if ("problem" in created) throw new Error(created.problem);
  return created;
}

describe("R6 the policy token", () => {
  test("R6 registration without a token, or with a wrong one, is refused with a Bearer challenge", async () => {
    const { token } = await createToken();
    for (const wrong of [undefined, "", "junk", token.slice(0, -1), token.replace("gthi", "gtha")]) {
      const response = await register(guarded.issuer, wrong);
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Bearer /);
      expect(await errorOf(response)).toBe("401 invalid_token");
    }
    expect((await register(guarded.issuer, token)).status).toBe(201);
  });

  test("R6 a revoked token admits nobody", async () => {
    const { id, token } = await createToken();
    expect(await endInitialAccessToken(guarded.owner, id)).toEqual({ done: true });
    expect((await register(guarded.issuer, token)).status).toBe(401);
  });

  test("R6 a token is limited in time", async () => {
    const { token } = await createToken({ days: 1 });
    expect((await register(guarded.issuer, token)).status).toBe(201);
    await guarded.moveClock(24 * 60 * 60 + 1);
    expect((await register(guarded.issuer, token)).status).toBe(401);
    await guarded.moveClock(0);
  });

  test("R6 of many registrations at once with a token for one, one succeeds", async () => {
    const responses = await askAtOnce(20, async () => {
      const { token } = await createToken({ uses: 1 });
      return () => register(guarded.issuer, token);
    });
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(responses.length - 1);
  });

  test("R6 a refused registration doesn't use up the token", async () => {
    const { token } = await createToken({ uses: 1 });
    const headers = { Authorization: `Bearer ${token}` };
    expect((await postJson(`${guarded.issuer}/register`, { redirect_uris: [] }, headers)).status).toBe(400);
    expect((await register(guarded.issuer, token)).status).toBe(201);
  });

  test("R6 a client of a token that is bound to a resource can't ask for another", async () => {
    const other = await addResource(guarded.owner, {
      uri: "https://other.example/mcp",
      name: "",
      scopes: [],
      isDefault: false,
    });
    if ("problem" in other) throw new Error(other.problem);
    const { token } = await createToken({ resource: other.uri });
    const client = (await (await register(guarded.issuer, token)).json()) as TestClient;
    const browser = await guarded.signedInBrowser(await guarded.addPerson());
    const foreign = await authorizationRequest(guarded, client, { resource: guarded.resource.uri });
    expect((await browser.open(foreign.url)).left?.searchParams.get("error")).toBe("invalid_target");
    const own = await authorizationRequest(guarded, client, { resource: other.uri });
    expect((await browser.open(own.url)).status).toBe(200);
  });
});

describe("R6 the policy closed", () => {
  test("R6 registration is refused, and isn't in the metadata", async () => {
    expect(await errorOf(await register(closed.issuer))).toBe("403 access_denied");
    const metadata = await (await fetch(`${closed.issuer}/.well-known/oauth-authorization-server`)).json();
    expect(metadata).not.toHaveProperty("registration_endpoint");
  });
});
