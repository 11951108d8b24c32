import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { setClientStatus, setUserStatus } from "../../src/flows/admin/status.ts";
import { mintToken } from "../../src/lib/token.ts";
import {
  basic,
  errorOf,
  grantTokens,
  isActive,
  postForm,
  refresh,
  registerClient,
  revoke,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser, client } = await ownScene();
const { owner } = gatehouse;

describe("I2 an end takes effect at once", () => {
  test.each<[string, (clientId: string, email: string) => Promise<unknown>]>([
    ["blocking the client", (clientId) => setClientStatus(owner, clientId, "block")],
    ["deleting the client", (clientId) => setClientStatus(owner, clientId, "delete")],
    ["disabling the person", (_, email) => setUserStatus(owner, email, "disable")],
  ])("I2 %s ends its tokens", async (_, end) => {
    const app = await registerClient(gatehouse);
    const somebody = await gatehouse.addPerson();
    const { access_token } = await grantTokens(gatehouse, await gatehouse.signedInBrowser(somebody), app);
    expect(await isActive(gatehouse, access_token)).toBe(true);
    await end(app.client_id, somebody.email);
    expect(await isActive(gatehouse, access_token)).toBe(false);
  });
});

test.each([
  ["person", "update users set disabled_at = now() where email = $email"],
  ["client", "update clients set disabled_at = now() where id = $client"],
])("I2 a token of a disabled %s is inactive even if its family was not revoked", async (_, statement) => {
  const app = await registerClient(gatehouse);
  const { email } = await gatehouse.addPerson();
  const { access_token } = await grantTokens(gatehouse, await gatehouse.signedInBrowser({ email }), app);
  await owner.db.run(sql.raw(statement.replace("$email", `'${email}'`).replace("$client", `'${app.client_id}'`)));
  expect(await isActive(gatehouse, access_token)).toBe(false);
});

describe("V1 revocation", () => {
  test("V1 revoking an access token ends only that token", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const response = await revoke(gatehouse, client, tokens.access_token);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("V1 revoking a refresh token ends its family, even if that token was spent or has expired", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const next = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as typeof tokens;
    expect((await revoke(gatehouse, client, tokens.refresh_token)).status).toBe(200);
    expect(await isActive(gatehouse, next.access_token)).toBe(false);
    const old = await grantTokens(gatehouse, browser, client);
    await gatehouse.moveClock(31 * 24 * 3600);
    expect((await revoke(gatehouse, client, old.refresh_token)).status).toBe(200);
    await gatehouse.moveClock(0);
    expect(await isActive(gatehouse, old.access_token)).toBe(false);
  });

  test("V1 an unknown token is answered with 200, whatever the hint", async () => {
    for (const token of ["junk", await mintToken(owner.keys, "gtha"), await mintToken(owner.keys, "gthr"), "gthc_x"]) {
      for (const token_type_hint of ["access_token", "refresh_token", "saml", ""]) {
        expect((await revoke(gatehouse, client, token, { token_type_hint })).status).toBe(200);
      }
    }
    const tokens = await grantTokens(gatehouse, browser, client);
    expect((await revoke(gatehouse, client, tokens.refresh_token, { token_type_hint: "access_token" })).status).toBe(
      200,
    );
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
  });

  test("V1 another client's token stays as it is", async () => {
    const tokens = await grantTokens(gatehouse, browser, client);
    const other = await registerClient(gatehouse);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect((await revoke(gatehouse, other, token)).status).toBe(200);
    }
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("V1 the client authenticates as at the token endpoint", async () => {
    const confidential = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_basic" });
    const header = basic(confidential.client_id, confidential.client_secret ?? "");
    const { access_token } = await grantTokens(gatehouse, browser, client);
    const attempt = (fields: Record<string, string>, headers = {}) =>
      postForm(`${issuer}/revoke`, { token: access_token, ...fields }, headers);
    for (const fields of [
      { client_id: confidential.client_id },
      { client_id: confidential.client_id, client_secret: "wrong" },
      { client_id: "client_unknown" },
      {},
    ]) {
      const response = await attempt(fields as Record<string, string>);
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic /);
      expect(await errorOf(response)).toBe("401 invalid_client");
    }
    expect((await attempt({}, header)).status).toBe(200);
    expect(await errorOf(await attempt({ token: "" }, header))).toBe("400 invalid_request");
    expect(await isActive(gatehouse, access_token)).toBe(true);
  });
});
