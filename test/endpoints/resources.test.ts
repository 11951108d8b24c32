import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { addResource, changeResource, rotateResourceCredential } from "../../src/flows/admin/resources.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  basic,
  errorOf,
  grantTokens,
  introspect,
  postForm,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;

test("Clients: a new default resource replaces the old one", async () => {
  const added = await addResource(owner, { uri: "https://second.example", name: "", scopes: [], isDefault: true });
  expect(added).toMatchObject({ uri: "https://second.example" });
  const rows = await owner.db.read(sql`select uri from resources where is_default`);
  expect(rows).toEqual([{ uri: "https://second.example" }]);
});

test("Clients: a resource that the middleware couldn't start with is refused", async () => {
  for (const uri of ["https://x.example/mcp?tenant=1", "https://x.example/?", "https://x.example/#f", "/mcp"]) {
    const problem = { problem: "A server's URL has to be an absolute http(s) URL without query or fragment." };
    expect(await addResource(owner, { uri, name: "", scopes: [], isDefault: false })).toEqual(problem);
    const document = { resource: uri, name: "X", scopes: [{ name: "x", description: "X" }] };
    expect(await applyResource(owner, JSON.stringify(document), { uri: null, isDefault: false })).toEqual(problem);
  }
});

test("Clients: no resource has a URL that means another one when it is read back", async () => {
  for (const uri of ["https://slashes.example//", "https://slashes.example/mcp//", "https://slashes.example/a/..//"])
    expect(await addResource(owner, { uri, name: "", scopes: [], isDefault: false })).toEqual({
      problem: "A server's URL can't end with two slashes.",
    });
  const added = await addResource(owner, {
    uri: "https://slashes.example//mcp/",
    name: "",
    scopes: [],
    isDefault: false,
  });
  expect(added).toMatchObject({ uri: "https://slashes.example//mcp" });
});

test("Clients: of several defaults that are added at once, one remains", async () => {
  const added = await Promise.all(
    [1, 2, 3, 4, 5].map((n) =>
      addResource(owner, { uri: `https://at-once-${n}.example`, name: "", scopes: [], isDefault: true }),
    ),
  );
  for (const each of added) expect(each).toHaveProperty("id");
  expect(await owner.db.read(sql`select uri from resources where is_default`)).toHaveLength(1);
});

test("Clients: changing a resource that doesn't exist leaves the default unchanged", async () => {
  const before = await owner.db.read(sql`select uri from resources where is_default`);
  const change = { name: "x", isDefault: true, maxFamilySeconds: null, accessSeconds: null, scopes: [] };
  expect(await changeResource(owner, "nothing", change)).toHaveProperty("problem");
  expect(await owner.db.read(sql`select uri from resources where is_default`)).toEqual(before);
});

test("Clients: if credentials are rotated several times at once, the last two work", async () => {
  const { uri } = gatehouse.resource;
  const client = await registerClient(gatehouse);
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const { access_token: token } = await grantTokens(gatehouse, browser, client, { resource: uri });
  const rotated = await Promise.all([1, 2, 3, 4, 5].map(() => rotateResourceCredential(owner, uri)));
  const statuses = await Promise.all(
    rotated.map(async (credential) => {
      if ("problem" in credential) throw new Error(credential.problem);
      const answer = await postForm(`${issuer}/introspect`, { token }, basic(credential.id, credential.secret));
      return answer.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
});

describe("a scope that a resource no longer offers", () => {
  const scope = (name: string) => ({ name, description: name, implies: [], isDefault: true });
  const offer = async (id: string, names: readonly string[]) => {
    const change = {
      name: "Notes",
      isDefault: false,
      maxFamilySeconds: null,
      accessSeconds: null,
      scopes: names.map(scope),
    };
    expect(await changeResource(owner, id, change)).not.toHaveProperty("problem");
  };

  test("I2 T4 disappears from every token at once, and refreshes continue with the remaining scopes", async () => {
    const added = await addResource(owner, {
      uri: "https://notes.example",
      name: "Notes",
      scopes: ["notes:read", "notes:write"].map(scope),
      isDefault: false,
    });
    if ("problem" in added) throw new Error(added.problem);
    const at = { ...gatehouse, resource: { ...gatehouse.resource, ...added } };
    const client = await registerClient(gatehouse);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const tokens = await grantTokens(gatehouse, browser, client, { resource: added.uri });
    const scopeOf = async (token: string) => ((await (await introspect(at, token)).json()) as { scope: string }).scope;
    expect(await scopeOf(tokens.access_token)).toBe("notes:read notes:write");

    await offer(added.id, ["notes:read"]);
    expect(await scopeOf(tokens.access_token)).toBe("notes:read");
    const repeated = await refresh(gatehouse, client, tokens.refresh_token, { scope: tokens.scope });
    expect(repeated.status).toBe(200);
    const next = (await repeated.json()) as Tokens;
    expect(next.scope).toBe("notes:read");

    // If nothing is left, the app has to ask again, and gets what there is.
    await offer(added.id, ["notes:other"]);
    expect(await errorOf(await refresh(gatehouse, client, next.refresh_token))).toBe("400 invalid_grant");
    await offer(added.id, ["notes:read"]);
    expect((await refresh(gatehouse, client, next.refresh_token)).status).toBe(200);
  });
});

test("A5 a request without a resource gets the only one that offers its scopes, or else the default one", async () => {
  const scopes = [{ name: "only:here", description: "Here", implies: [], isDefault: true }];
  const here = await addResource(owner, { uri: "https://here.example", name: "", scopes, isDefault: false });
  const [standard] = await owner.db.read<{ uri: string }>(sql`select uri from resources where is_default`);
  if ("problem" in here) throw new Error(here.problem);
  const client = await registerClient(gatehouse);
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const resourceOf = async (fields: Record<string, string>) =>
    (await grantTokens(gatehouse, browser, client, { resource: "", ...fields })).resource;
  expect(await resourceOf({ scope: "only:here offline_access" })).toBe(here.uri);
  expect(await resourceOf({ scope: "only:here elsewhere" })).toBe(standard?.uri);
  // Several servers offer this scope.
  expect(await resourceOf({ scope: "mcp:tools" })).toBe(standard?.uri);
  expect(await resourceOf({})).toBe(standard?.uri);
});

test("Clients: a request with only unknown scopes gets the default ones", async () => {
  const client = await registerClient(gatehouse);
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  const tokens = await grantTokens(gatehouse, browser, client, { scope: "somebody:elses openid" });
  expect(tokens.scope).toBe("mcp:tools mcp:resources mcp:prompts");
});
