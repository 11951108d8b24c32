import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { addResource } from "../../src/flows/admin/resources.ts";
import { revokeGrants } from "../../src/flows/admin/revoke.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { operatorOf } from "../support/cli.ts";
import { createSigningKey, signAssertion } from "../support/client-assertion.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  basic,
  createMachine,
  errorOf,
  introspect,
  isActive,
  MACHINE_METADATA,
  postForm,
  REDIRECT_URI,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { issuer, owner, resource } = gatehouse;

const addMachine = (metadata: Record<string, unknown> = {}) => createMachine(gatehouse, metadata);
const machine = await addMachine();
const PUBLIC = { token_endpoint_auth_method: "none" };

const ask = (
  fields: Record<string, string> = {},
  headers: Record<string, string> = basic(machine.id, machine.secret),
) => postForm(`${issuer}/token`, { grant_type: "client_credentials", ...fields }, headers);

describe("T1 client credentials (OAuth 2.1 §4.2)", () => {
  test("T1 a client gets a token in its own name, for one resource, without a refresh token", async () => {
    const response = await ask();
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const tokens = (await response.json()) as Tokens;
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^gtha_/),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "mcp:tools mcp:resources mcp:prompts",
      resource: resource.uri,
    });
    const introspection = (await (await introspect(gatehouse, tokens.access_token)).json()) as Record<string, unknown>;
    expect(introspection).toMatchObject({
      active: true,
      sub: machine.id,
      client_id: machine.id,
      aud: resource.uri,
      iss: issuer,
      scope: tokens.scope,
    });
    expect(introspection).not.toHaveProperty("username");
  });

  test("T1 a client may authenticate in the body or by private_key_jwt, whose assertion works once", async () => {
    const { id, secret } = await addMachine({ token_endpoint_auth_method: "client_secret_post" });
    expect((await ask({ client_id: id, client_secret: secret }, {})).status).toBe(200);
    const key = await createSigningKey("ES256");
    const keyed = await addMachine({
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [key.jwk] },
    });
    const fields = await signAssertion(gatehouse, keyed.id, key);
    expect((await ask(fields, {})).status).toBe(200);
    expect(await errorOf(await ask(fields, {}))).toBe("401 invalid_client");
  });

  test("T4 a token gets exactly those requested scopes and that audience that the owner allowed", async () => {
    const scopeOf = async (scope: string) => ((await (await ask({ scope })).json()) as Tokens).scope;
    expect(await scopeOf("mcp:prompts mcp:tools mcp:prompts unknown openid")).toBe("mcp:tools mcp:prompts");
    expect(await scopeOf("offline_access")).toBe("mcp:tools mcp:resources mcp:prompts");
    expect(await errorOf(await ask({ scope: "unknown" }))).toBe("400 invalid_scope");
    expect(await errorOf(await ask({ scope: 'a"b' }))).toBe("400 invalid_scope");
    expect(await errorOf(await ask({ resource: "https://nowhere.example" }))).toBe("400 invalid_target");
    expect(await errorOf(await ask({ resource: "nothing" }))).toBe("400 invalid_target");
    const other = await addResource(owner, { uri: "https://other.example", name: "", scopes: [], isDefault: false });
    if ("problem" in other) throw new Error(other.problem);
    expect(await errorOf(await ask({ resource: "https://other.example/" }))).toBe("400 invalid_target");
  });

  test("T5 a wrong secret, an unknown client and a missing one are invalid_client, and grant nothing", async () => {
    const before = await owner.db.read(sql`select count(*) from token_families`);
    const wrong = (await addMachine()).secret;
    for (const headers of [basic(machine.id, wrong), basic("client_nobody", wrong), basic(machine.id, "x"), {}])
      expect(await errorOf(await ask({}, headers as Record<string, string>))).toBe("401 invalid_client");
    expect(await errorOf(await ask({ client_id: machine.id }, {}))).toBe("401 invalid_client");
    expect(await owner.db.read(sql`select count(*) from token_families`)).toEqual(before);
  });

  test("T6 only a client that the owner registered for this grant can use it", async () => {
    const dynamic = await registerClient(gatehouse, {
      grant_types: ["authorization_code", "client_credentials"],
      token_endpoint_auth_method: "client_secret_post",
    });
    expect(dynamic["grant_types"]).toEqual(["authorization_code"]);
    const fields = { client_id: dynamic.client_id, client_secret: dynamic.client_secret ?? "" };
    expect(await errorOf(await ask(fields, {}))).toBe("400 unauthorized_client");
    const person = await addMachine({ grant_types: ["authorization_code"], redirect_uris: [REDIRECT_URI] });
    expect(await errorOf(await ask({}, basic(person.id, person.secret)))).toBe("400 unauthorized_client");
    expect(
      await createClient(owner, { ...MACHINE_METADATA, token_endpoint_auth_method: "none" }, [], resource.uri),
    ).toHaveProperty("problem");
  });

  test("T6 having the grant isn't enough for a client of people or for one that can't authenticate", async () => {
    const dynamic = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_post" });
    const open = await createClient(owner, { client_name: "x", redirect_uris: [REDIRECT_URI], ...PUBLIC }, []);
    if ("problem" in open) throw new Error(open.problem);
    for (const id of [dynamic.client_id, open.clientId])
      await owner.db.run(sql`update clients set grant_types = '{client_credentials}' where id = ${id}`);
    const fields = { client_id: dynamic.client_id, client_secret: dynamic.client_secret ?? "" };
    expect(await errorOf(await ask(fields, {}))).toBe("400 unauthorized_client");
    expect(await errorOf(await ask({ client_id: open.clientId }, {}))).toBe("400 unauthorized_client");
  });

  test("I2 T7 blocking or deleting the client, emergency revocation and /revoke end its token at once", async () => {
    for (const end of [
      (id: string) => setClientStatus(owner, id, "block"),
      (id: string) => setClientStatus(owner, id, "delete"),
      (id: string) => revokeGrants(owner, { kind: "client", id }),
    ]) {
      const { id, secret } = await addMachine();
      const { access_token } = (await (await ask({}, basic(id, secret))).json()) as Tokens;
      expect(await isActive(gatehouse, access_token)).toBe(true);
      await end(id);
      expect(await isActive(gatehouse, access_token)).toBe(false);
    }
    const { access_token } = (await (await ask()).json()) as Tokens;
    await postForm(`${issuer}/revoke`, { token: access_token }, basic(machine.id, machine.secret));
    expect(await isActive(gatehouse, access_token)).toBe(false);
    const { id, secret } = await addMachine();
    await setClientStatus(owner, id, "block");
    expect(await errorOf(await ask({}, basic(id, secret)))).toBe("401 invalid_client");
  });

  test("T4 a machine is bound to the resource and the scopes that the owner gave it", async () => {
    const added = await addResource(owner, { uri: "https://bound.example", name: "", scopes: [], isDefault: false });
    if ("problem" in added) throw new Error(added.problem);
    const metadata = { ...MACHINE_METADATA, scope: "mcp:prompts mcp:tools" };
    const bound = await createMachine(gatehouse, metadata, `${added.uri}/`);
    const as = basic(bound.id, bound.secret);
    const tokens = (await (await ask({ resource: added.uri }, as)).json()) as Tokens;
    expect(tokens.scope).toBe("mcp:tools mcp:prompts");
    expect(await errorOf(await ask({ resource: added.uri, scope: "mcp:resources" }, as))).toBe("400 invalid_scope");
    expect(((await (await ask({}, as)).json()) as Tokens).resource).toBe(added.uri);
    expect(await errorOf(await ask({ resource: resource.uri }, as))).toBe("400 invalid_target");
    expect(await createClient(owner, MACHINE_METADATA, [])).toHaveProperty("problem");
    expect(await createClient(owner, { ...metadata, scope: undefined }, [], added.uri)).toHaveProperty("problem");
    expect(await createClient(owner, metadata, [], "https://nowhere.example")).toEqual({
      problem: "There is no server with this URL.",
    });
  });

  test("T4 the owner is told if the resource doesn't offer a scope, and nothing is registered", async () => {
    const other = { name: "notes:read", description: "Read notes" };
    const notes = { uri: "https://notes.example/mcp", name: "Notes", scopes: [other], isDefault: false };
    await addResource(gatehouse.owner, notes);
    for (const scope of ["nope", "mcp:tools nope", "notes:read"]) {
      const metadata = { ...MACHINE_METADATA, scope };
      expect(await createClient(gatehouse.owner, metadata, [], resource.uri)).toEqual({
        problem: `The scope ${scope.replace("mcp:tools ", "")} is not offered by ${resource.uri}.`,
      });
    }
    const human = { redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
    expect(await createClient(gatehouse.owner, { ...human, scope: "nope" }, [])).toEqual({
      problem: "The scope nope is not offered.",
    });
    expect(await createClient(gatehouse.owner, { ...human, scope: "notes:read" }, [])).toHaveProperty("clientId");
  });

  test("T1 the command registers a machine that gets exactly what the owner named", async () => {
    const options = ["--machine", "--resource", resource.uri, "--scope", "mcp:tools", "--json"];
    const { stdout } = await operatorOf(gatehouse)("client", "create", "Nightly job", ...options);
    const { clientId, clientSecret } = JSON.parse(stdout) as Record<string, string>;
    const tokens = (await (await ask({}, basic(clientId ?? "", clientSecret ?? ""))).json()) as Tokens;
    expect(tokens).toMatchObject({ scope: "mcp:tools", resource: resource.uri });
  });

  test("T4 a machine's token is no refresh token, and its connection isn't on the owner's account page", async () => {
    const { access_token } = (await (await ask()).json()) as Tokens;
    const fields = { grant_type: "refresh_token", refresh_token: access_token };
    expect((await postForm(`${issuer}/token`, fields, basic(machine.id, machine.secret))).status).toBe(400);
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await browser.open(`${issuer}/account`)).html.textContent).toContain("No app is connected");
  });

  test("Outages: the token is given if only the answer of the database was lost", async () => {
    gatehouse.services.neon.inject("lose_answer", { times: 1 });
    const response = await ask();
    gatehouse.services.neon.reset();
    expect(response.status).toBe(200);
    expect(await isActive(gatehouse, ((await response.json()) as Tokens).access_token)).toBe(true);
  });

  test("P5 a machine's families are deleted together with their tokens", async () => {
    await ask();
    await gatehouse.moveClock(3600 + 601);
    await gatehouse.runScheduled();
    await gatehouse.moveClock(0);
    const [row] = await owner.db.read(sql`select count(*)::int as n from token_families where user_id is null`);
    expect(row).toEqual({ n: 0 });
  });
});
