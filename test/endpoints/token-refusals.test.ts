import { describe, expect, test } from "vitest";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { mintToken } from "../../src/lib/token.ts";
import {
  authorizationRequest,
  errorOf,
  grantCode,
  grantTokens,
  isActive,
  postForm,
  REDIRECT_URI,
  redeem,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
const code = (of = client, params = {}) => grantCode(gatehouse, browser, of, params);

describe("T2 requests that are refused without spending the code", () => {
  test.each<[string, string, Record<string, string>]>([
    ["an unknown code", "400 invalid_grant", { code: "gthc_unknown" }],
    ["a wrong verifier", "400 invalid_grant", { code_verifier: "a".repeat(43) }],
    ["no verifier", "400 invalid_request", { code_verifier: "" }],
    ["a verifier that is too short", "400 invalid_request", { code_verifier: "a".repeat(42) }],
    ["a verifier that is too long", "400 invalid_request", { code_verifier: "a".repeat(129) }],
    ["a verifier with other characters", "400 invalid_request", { code_verifier: `${"a".repeat(43)}+` }],
    ["another redirect URI", "400 invalid_grant", { redirect_uri: `${REDIRECT_URI}2` }],
    ["another resource", "400 invalid_target", { resource: "https://other.example" }],
    ["a resource that isn't a URL", "400 invalid_target", { resource: "nonsense" }],
    ["a secret of a public client", "401 invalid_client", { client_secret: "hush" }],
    ["no client", "401 invalid_client", { client_id: "" }],
    ["an unknown client", "401 invalid_client", { client_id: "client_unknown" }],
    ["no grant type", "400 invalid_request", { grant_type: "" }],
    ["another grant type", "400 unsupported_grant_type", { grant_type: "password" }],
    ["a grant type named like a property of every object", "400 unsupported_grant_type", { grant_type: "constructor" }],
  ])("T2 a request with %s is %s", async (_, error, fields) => {
    const grant = await code();
    expect(await errorOf(await redeem(gatehouse, client, grant, fields))).toBe(error);
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
  });

  test("T2 a code with a valid check that was never issued is refused", async () => {
    const unknown = await mintToken(gatehouse.owner.keys, "gthc");
    expect(await errorOf(await redeem(gatehouse, client, { ...(await code()), code: unknown }))).toBe(
      "400 invalid_grant",
    );
  });

  test("T2 another client's code is refused", async () => {
    const other = await registerClient(gatehouse);
    const grant = await code();
    expect(await errorOf(await redeem(gatehouse, other, grant))).toBe("400 invalid_grant");
    expect(await errorOf(await redeem(gatehouse, confidential, grant))).toBe("400 invalid_grant");
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
  });

  test("T2 an expired code is refused", async () => {
    const grant = await code();
    await gatehouse.moveClock(600);
    expect(await errorOf(await redeem(gatehouse, client, grant))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
  });

  test("T2 the redirect URI may be omitted, and is then the one of the request", async () => {
    expect((await redeem(gatehouse, client, await code(), { redirect_uri: "" })).status).toBe(200);
    const native = await registerClient(gatehouse, { redirect_uris: ["http://localhost/cb"] });
    const grant = await code(native, { redirect_uri: "http://localhost:5000/cb" });
    expect(await errorOf(await redeem(gatehouse, native, { ...grant, redirectUri: "http://localhost:5001/cb" }))).toBe(
      "400 invalid_grant",
    );
    expect((await redeem(gatehouse, native, grant)).status).toBe(200);
  });

  test.each([
    ["a request for more than was granted", "mcp:tools admin", "mcp:tools"],
    ["only scopes that weren't granted", "admin", "mcp:tools mcp:resources mcp:prompts"],
    ["a malformed scope", '"', "mcp:tools mcp:resources mcp:prompts"],
  ])("T2 a scope parameter that repeats %s is ignored", async (_, scope, given) => {
    const response = await redeem(gatehouse, client, await code(), { scope });
    expect(response.status).toBe(200);
    expect(((await response.json()) as Tokens).scope).toBe(given);
  });

  test("T5 an unknown client is told so before anything is said of its code or token", async () => {
    const foreign = { grant_type: "refresh_token", refresh_token: "from-another-server", client_secret: "old" };
    const gone = await registerClient(gatehouse);
    const headers = { Authorization: `Bearer ${gone["registration_access_token"]}` };
    expect((await fetch(String(gone["registration_client_uri"]), { method: "DELETE", headers })).status).toBe(204);
    for (const client_id of ["mcp_1234", "https://gone.example/client.json", gone.client_id]) {
      for (const fields of [foreign, { ...foreign, client_secret: "" }]) {
        expect(await errorOf(await postForm(`${issuer}/token`, { ...fields, client_id })), client_id).toBe(
          "401 invalid_client",
        );
      }
      const code = { grant_type: "authorization_code", code: "x", code_verifier: "a".repeat(43), client_id };
      expect(await errorOf(await postForm(`${issuer}/token`, code)), client_id).toBe("401 invalid_client");
    }
    const known = { grant_type: "refresh_token", refresh_token: "x", client_id: client.client_id };
    expect(await errorOf(await postForm(`${issuer}/token`, known))).toBe("400 invalid_grant");
  });

  test("T2 the scope of the access token can be narrowed, and the family keeps its own", async () => {
    const narrow = (await (await redeem(gatehouse, client, await code(), { scope: "mcp:tools" })).json()) as Tokens;
    expect(narrow.scope).toBe("mcp:tools");
    const wide = (await (await refresh(gatehouse, client, narrow.refresh_token)).json()) as Tokens;
    expect(wide.scope).toBe("mcp:tools mcp:resources mcp:prompts");
  });
});

describe("T7 people and clients that are shut out get no tokens", () => {
  test("T7 a disabled person gets none, and tokens issued before stop working", async () => {
    const other = await gatehouse.addPerson();
    const theirs = await gatehouse.signedInBrowser(other);
    const tokens = await grantTokens(gatehouse, theirs, client);
    const grant = await grantCode(gatehouse, theirs, client);
    const { url } = await authorizationRequest(gatehouse, client);
    const consent = await theirs.open(url);
    expect(await setUserStatus(gatehouse.owner, other.email, "disable")).toEqual({ done: true });
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await redeem(gatehouse, client, grant))).toBe("400 invalid_grant");
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect((await theirs.submit(consent, "/consent", { decision: "allow" })).status).toBe(400);
    expect((await theirs.open(url)).url.pathname).toBe("/login");
    const login = await theirs.open(`${issuer}/login`);
    expect((await theirs.submit(login, "/login", other)).status).toBe(400);
    await setUserStatus(gatehouse.owner, other.email, "enable");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
  });

  test("T7 a blocked or a deleted client gets none", async () => {
    for (const change of ["block", "delete"] as const) {
      const gone = await registerClient(gatehouse);
      const tokens = await grantTokens(gatehouse, browser, gone);
      const grant = await code(gone);
      await setClientStatus(gatehouse.owner, gone.client_id, change);
      expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
      expect(await errorOf(await redeem(gatehouse, gone, grant))).toBe("401 invalid_client");
      expect(await errorOf(await refresh(gatehouse, gone, tokens.refresh_token))).toBe("401 invalid_client");
    }
  });

  test("Tokens: a new authorization leaves other families of the client unchanged", async () => {
    const first = await grantTokens(gatehouse, browser, client);
    await grantTokens(gatehouse, browser, client);
    expect(await isActive(gatehouse, first.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, first.refresh_token)).status).toBe(200);
  });
});
