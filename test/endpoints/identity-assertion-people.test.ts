import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { setAppRule } from "../../src/flows/admin/app-rules.ts";
import { createSigningKey, signAssertion } from "../support/client-assertion.ts";
import { type Gatehouse, startGatehouse } from "../support/gatehouse.ts";
import { createInternet } from "../support/internet.ts";
import { type Claims, createAssertingClient, present, trustIssuer, vouch } from "../support/issuer.ts";
import { introspect, isActive, postForm, type Tokens } from "../support/oauth-client.ts";
import { addRestrictedServer } from "../support/restricted-server.ts";

const internet = createInternet();
const gatehouse = await startGatehouse({
  outbound: (request) => (request.url.startsWith("http://localhost") ? fetch(request) : internet.outbound(request)),
});
const { issuer, owner } = gatehouse;
const client = await createAssertingClient(gatehouse);
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

type By = Awaited<ReturnType<typeof trustIssuer>>;
/** The address of the person whom a token is for, or the reason why there is no token. */
async function whoIs(by: By, claims: Claims, at: Gatehouse = gatehouse): Promise<string> {
  const response = await present(at, client, await vouch(at, by, client.id, claims));
  const body = (await response.json()) as Tokens & { error_description?: string };
  if (response.status !== 200) return body.error_description ?? "";
  return ((await (await introspect(at, body.access_token)).json()) as { username: string }).username;
}
const verified = (email: string) => ({ email, email_verified: true });
const NOBODY = "Nobody here is the subject of the assertion.";

describe("People: who may join by an issuer's word", () => {
  test("People: nobody joins if the owner set no rule", async () => {
    const by = await trustIssuer(gatehouse, { joining: [] });
    expect(await whoIs(by, { sub: "1", ...verified("one@acme.example") })).toBe(NOBODY);
    expect(await owner.db.read(sql`select from users where email = 'one@acme.example'`)).toEqual([]);
  });

  test("People: people of a domain join with a verified address, and people of similar domains don't", async () => {
    const by = await trustIssuer(gatehouse, { joining: ["domain:acme.example"] });
    expect(await whoIs(by, { sub: "1", ...verified("Ada@Acme.example") })).toBe("ada@acme.example");
    expect(await whoIs(by, { sub: "2", email: "eve@acme.example" })).toBe(NOBODY);
    expect(await whoIs(by, { sub: "2", email: "eve@acme.example", email_verified: "true" })).toBe(NOBODY);
    for (const email of ["eve@evil-acme.example", "eve@acme.example.evil.example", "eve@acme.example@evil.example"])
      expect(await whoIs(by, { sub: "2", ...verified(email) }), email).toBe(NOBODY);
    // From then on they are known by their subject, whatever the address is.
    expect(await whoIs(by, { sub: "1" })).toBe("ada@acme.example");
    expect(await whoIs(by, { sub: "1", ...verified("ada@elsewhere.example") })).toBe("ada@acme.example");
  });

  test("People: everybody whom the issuer names can join, each person once, even at the same time", async () => {
    const by = await trustIssuer(gatehouse);
    const answers = await Promise.all(Array.from({ length: 8 }, () => whoIs(by, { sub: "crowd" })));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^[0-9a-f]{20}@issuer\.invalid$/);
    const [joined] = await owner.db.read(sql`
      select count(*)::int as joined from audit_events e join users u on u.id = e.user_id
      where e.name = 'user_created' and u.email = ${answers[0]}`);
    expect(joined).toEqual({ joined: 1 });
  });

  test("People: a person whose request is refused doesn't join", async () => {
    const by = await trustIssuer(gatehouse);
    const assertion = await vouch(gatehouse, by, client.id, {
      sub: "9",
      scope: "none",
      ...verified("nine@acme.example"),
    });
    expect((await present(gatehouse, client, assertion)).status).toBe(400);
    expect(await owner.db.read(sql`select from users where email = 'nine@acme.example'`)).toEqual([]);
  });
});

describe("People: whose account an issuer can use", () => {
  test("People: an address finds an existing person only where the owner allows it, and never if it is unverified", async () => {
    const { email } = await gatehouse.addPerson();
    const [strict, linking] = [
      await trustIssuer(gatehouse),
      await trustIssuer(gatehouse, { linksAddresses: true, joining: [] }),
    ];
    expect(await whoIs(strict, { sub: "1", ...verified(email) })).toBe(NOBODY);
    expect(await whoIs(linking, { sub: "1", email })).toBe(NOBODY);
    expect(await whoIs(linking, { sub: "1", ...verified(email) })).toBe(email);
    // The subject is known now, and the next one with this address is another, whom the address names again.
    expect(await whoIs(linking, { sub: "1" })).toBe(email);
  });

  test("People: the same subject at two issuers is two people", async () => {
    const [one, other] = [await trustIssuer(gatehouse), await trustIssuer(gatehouse)];
    const first = await whoIs(one, { sub: "admin", ...verified("first@acme.example") });
    const second = await whoIs(other, { sub: "admin", ...verified("second@acme.example") });
    expect([first, second]).toEqual(["first@acme.example", "second@acme.example"]);
    expect(await whoIs(other, { sub: "admin", ...verified("first@acme.example") })).toBe("second@acme.example");
  });

  test("People: of an issuer with many tenants, only the named tenant is accepted", async () => {
    const by = await trustIssuer(gatehouse, { tenant: "acme" });
    const mine = await whoIs(by, { sub: "1", tenant: "acme" });
    expect(mine).toMatch(/@issuer\.invalid$/);
    for (const tenant of [undefined, "evil", ["acme"], ""])
      expect(await whoIs(by, { sub: "1", tenant })).toContain("another tenant");
  });

  test("People: a person who signs in with the same issuer is recognized by it", async () => {
    const by = await trustIssuer(gatehouse, { joining: [] });
    const { id, email } = await gatehouse.addPerson();
    await owner.db.batch([
      sql`insert into providers (slug, name, kind, issuer, client_id, description, scopes, signs_in)
        values ('same', 'Same', 'openid', ${by.issuer}, 'us', '{}', '[]', true)`,
      sql`insert into identities (provider, subject, user_id, label) values ('same', 'sso', ${id}, 'sso')`,
    ]);
    expect(await whoIs(by, { sub: "sso" })).toBe(email);
    await owner.db.run(sql`delete from identities where subject = 'sso' returning true`);
    expect(await whoIs(by, { sub: "sso" })).toBe(NOBODY);
  });
});

describe("People: servers that are not for everybody", () => {
  test("People: a person without access gets nothing, and one who loses it is refused at the next look-up", async () => {
    const by = await trustIssuer(gatehouse, { linksAddresses: true });
    const { at, person, allow, takeOut } = await addRestrictedServer(gatehouse, "https://payroll.example/mcp");
    const claims = { sub: "payroll", ...verified(person.email), scope: "read write" };
    expect(await whoIs(by, claims, at)).toBe("The person may not use this resource.");
    await allow(["read"]);
    const response = await present(at, client, await vouch(at, by, client.id, claims));
    const tokens = (await response.json()) as Tokens;
    expect(tokens.scope).toBe("read");
    await takeOut();
    expect(await isActive(at, tokens.access_token)).toBe(false);
    expect(await whoIs(by, claims, at)).toBe("The person may not use this resource.");
  });
});

describe("R8 metadata documents", () => {
  test("R8 the document of an unknown app is fetched only for a trusted issuer, and the app authenticates with its own key", async () => {
    const by = await trustIssuer(gatehouse);
    const key = await createSigningKey("ES256");
    const clientId = "https://agent.example/oauth/client.json";
    internet.serve(clientId, {
      client_id: clientId,
      client_name: "Agent",
      redirect_uris: ["https://agent.example/cb"],
      grant_types: ["authorization_code", JWT_BEARER],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [key.jwk] },
    });
    const ask = async (assertion: string) =>
      postForm(`${issuer}/token`, {
        grant_type: JWT_BEARER,
        assertion,
        ...(await signAssertion(gatehouse, clientId, key)),
      });
    const stranger = { ...by, sign: (claims: Claims, header: Claims) => by.sign({ ...claims, iss: issuer }, header) };
    expect((await ask(await vouch(gatehouse, stranger, clientId))).status).toBe(401);
    expect(internet.asked(clientId)).toBe(0);
    const answer = await ask(await vouch(gatehouse, by, clientId));
    expect(answer.status, await answer.clone().text()).toBe(200);
    expect(internet.asked(clientId)).toBe(1);
  });

  test("R8 an app whose host is refused by a rule is never fetched, and gets nothing", async () => {
    const by = await trustIssuer(gatehouse);
    await setAppRule(owner, "document", "kept-out.example", "refuse");
    const clientId = "https://kept-out.example/client.json";
    const fields = { grant_type: JWT_BEARER, client_id: clientId, assertion: await vouch(gatehouse, by, clientId) };
    expect((await postForm(`${issuer}/token`, fields)).status).toBe(401);
    expect(internet.asked(clientId)).toBe(0);
  });
});
