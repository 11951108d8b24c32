import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { answerConsent } from "../../src/dev/person.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import {
  authorizationRequest,
  grantCode,
  grantTokens,
  introspect,
  REDIRECT_URI,
  redeem,
  registerClient,
  type TestClient,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();

/** Where a signed-in browser ends up. */
const open = async (params: Readonly<Record<string, string | undefined>> = {}, of: TestClient = client) =>
  browser.open((await authorizationRequest(gatehouse, of, params)).url);

describe("resource and scope", () => {
  test("Clients: a request without a resource gets the default one, and a trailing slash is ignored", async () => {
    expect((await grantTokens(gatehouse, browser, client)).resource).toBe(gatehouse.resource.uri);
    const { uri } = gatehouse.resource;
    expect((await grantTokens(gatehouse, browser, client, { resource: `${uri}/` })).resource).toBe(uri);
  });

  test.each([
    [undefined, "mcp:tools mcp:resources mcp:prompts"],
    ["openid email profile", "mcp:tools mcp:resources mcp:prompts"],
    ["offline_access", "mcp:tools mcp:resources mcp:prompts"],
    ["mcp:tools", "mcp:tools"],
    ["mcp:tools offline_access", "mcp:tools"],
    ["mcp:tools unknown", "mcp:tools"],
    ["mcp:prompts mcp:tools", "mcp:tools mcp:prompts"],
  ])("People: the scope %j grants %j", async (scope, granted) => {
    expect((await grantTokens(gatehouse, browser, client, { scope })).scope).toBe(granted);
  });

  test("People: a scope that isn't a default is granted only if the request names it", async () => {
    const scopes = [
      { name: "read", description: "Read things" },
      { name: "write", description: "Change things" },
    ];
    const added = await addResource(gatehouse.owner, {
      uri: "https://scoped.example",
      name: "",
      scopes,
      isDefault: false,
    });
    if ("problem" in added) throw new Error(added.problem);
    expect((await grantTokens(gatehouse, browser, client, { resource: added.uri, scope: "write" })).scope).toBe(
      "write",
    );
  });

  test("People: a person can untick scopes, but can't tick any others", async () => {
    const { url, verifier } = await authorizationRequest(gatehouse, client, { scope: "mcp:tools mcp:prompts" });
    const answer = await answerConsent(browser, await browser.open(url), {
      decision: "allow",
      scope: ["mcp:prompts", "mcp:resources", "admin"],
    });
    const grant = { code: answer.searchParams.get("code") ?? "", verifier, redirectUri: REDIRECT_URI };
    expect(await (await redeem(gatehouse, client, grant)).json()).toMatchObject({ scope: "mcp:prompts" });
  });

  test("People: a consent without any ticked scope grants nothing", async () => {
    const page = await browser.submit(await open(), "/consent", { decision: "allow", scope: [] });
    expect([page.status, page.left]).toEqual([400, null]);
  });
});

describe("how long a connection lasts", () => {
  const expiryOf = async (tokens: { access_token: string }) => {
    const { exp, iat } = (await (await introspect(gatehouse, tokens.access_token)).json()) as Record<string, number>;
    return (exp ?? 0) - (iat ?? 0);
  };
  const familySeconds = async (clientId: string) => {
    const [row] = await gatehouse.owner.db.read<{ seconds: number }>(sql`
      select extract(epoch from expires_at - created_at)::int as seconds from token_families where client_id = ${clientId}`);
    return row?.seconds;
  };
  const grantFor = async (duration: string) => {
    const client = await registerClient(gatehouse);
    const { url, verifier } = await authorizationRequest(gatehouse, client);
    const page = await browser.open(url);
    const answer = await browser.submit(page, "/consent", { decision: "allow", duration });
    const code = answer.left?.searchParams.get("code") ?? "";
    const redirectUri = client.redirect_uris[0] ?? "";
    const tokens = await (await redeem(gatehouse, client, { code, verifier, redirectUri })).json();
    return { client, tokens: tokens as { access_token: string } };
  };

  test("a person may choose a shorter duration than the server allows, but never a longer one", async () => {
    const hour = await grantFor("3600");
    expect(await familySeconds(hour.client.client_id)).toBe(3600);
    expect(await expiryOf(hour.tokens)).toBe(3600);
    for (const junk of ["999999999999", "-1", "1", "", "NaN", "1e3"]) {
      const client = await registerClient(gatehouse);
      const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
      const answer = await browser.submit(page, "/consent", { decision: "allow", duration: junk });
      expect([answer.status, answer.left]).toEqual([400, null]);
    }
  });

  test("a resource's maximum also applies to a code that was issued before the maximum was set", async () => {
    const client = await registerClient(gatehouse);
    const grant = await grantCode(gatehouse, browser, client);
    await gatehouse.owner.db.run(sql`update resources set max_family_seconds = 600`);
    expect((await redeem(gatehouse, client, grant)).status).toBe(200);
    expect(await familySeconds(client.client_id)).toBe(600);
    const page = await browser.open((await authorizationRequest(gatehouse, client)).url);
    expect(page.html.querySelectorAll("option").map((option) => option.getAttribute("value"))).toEqual(["600"]);
    await gatehouse.owner.db.run(sql`update resources set max_family_seconds = null`);
  });
});
