import { describe, expect, test } from "vitest";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import {
  authorizationRequest,
  errorOf,
  grantCode,
  grantTokens,
  isActive,
  REDIRECT_URI,
  redeem,
  refresh,
  registerClient,
  type TestClient,
} from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, browser } = await scene();

const manage = (
  client: TestClient,
  method: string,
  body?: unknown,
  token = String(client["registration_access_token"]),
) =>
  fetch(String(client["registration_client_uri"]), {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe("R7 a client manages itself", () => {
  test("R7 GET returns the client's metadata, without the secret", async () => {
    const client = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
    const response = await manage(client, "GET");
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const { client_secret, client_secret_expires_at, ...rest } = client;
    expect(await response.json()).toEqual(rest);
  });

  test("R7 PUT replaces the metadata", async () => {
    const client = await registerClient(gatehouse);
    const response = await manage(client, "PUT", {
      client_id: client.client_id,
      client_name: "Renamed",
      redirect_uris: ["https://app.example/new"],
      token_endpoint_auth_method: "none",
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      client_name: "Renamed",
      redirect_uris: ["https://app.example/new"],
      grant_types: ["authorization_code"],
    });
    const { url } = await authorizationRequest(gatehouse, client, { redirect_uri: REDIRECT_URI });
    expect((await browser.open(url)).status).toBe(400);
  });

  test("R7 PUT gives a secret to a client that needs one now, and takes it from one that doesn't", async () => {
    const client = await registerClient(gatehouse);
    const metadata = { client_id: client.client_id, redirect_uris: client.redirect_uris };
    const confidential = (await (await manage(client, "PUT", metadata)).json()) as TestClient;
    expect(confidential.client_secret).toMatch(/^gths_/);
    const grant = await grantCode(gatehouse, browser, client);
    expect((await redeem(gatehouse, client, grant)).status).toBe(401);
    expect((await redeem(gatehouse, confidential, grant)).status).toBe(200);
    const kept = await manage(client, "PUT", { ...metadata, client_secret: confidential.client_secret });
    expect(kept.status).toBe(200);
    expect(await kept.json()).not.toHaveProperty("client_secret");
    expect((await redeem(gatehouse, confidential, await grantCode(gatehouse, browser, client))).status).toBe(200);
    await manage(client, "PUT", { ...metadata, token_endpoint_auth_method: "none" });
    expect((await redeem(gatehouse, client, await grantCode(gatehouse, browser, client))).status).toBe(200);
  });

  test.each([null, ""])("R3 PUT with the secret %j is read as without one", async (client_secret) => {
    const client = await registerClient(gatehouse, { token_endpoint_auth_method: "client_secret_basic" });
    const metadata = { client_id: client.client_id, redirect_uris: client.redirect_uris };
    expect((await manage(client, "PUT", { ...metadata, client_secret })).status).toBe(200);
    expect((await redeem(gatehouse, client, await grantCode(gatehouse, browser, client))).status).toBe(200);
  });

  test.each([
    [{ client_id: "client_other" }],
    [{ client_id: undefined }],
    [{ client_secret: "mine" }],
    [{ redirect_uris: ["http://evil.example/"] }],
  ])("R7 PUT with %j is refused and changes nothing", async (wrong) => {
    const client = await registerClient(gatehouse);
    const response = await manage(client, "PUT", {
      client_id: client.client_id,
      client_name: "Changed",
      redirect_uris: [REDIRECT_URI],
      ...wrong,
    });
    expect(response.status).toBe(400);
    expect(await (await manage(client, "GET")).json()).toMatchObject({ client_name: "Test client" });
  });

  test("R7 DELETE deletes the client and revokes everything that it was granted", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, browser, client);
    const response = await manage(client, "DELETE");
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("401 invalid_client");
    expect((await manage(client, "GET")).status).toBe(401);
    expect((await manage(client, "DELETE")).status).toBe(401);
  });

  test("R7 another client's token, a wrong token or none is 401, and changes nothing", async () => {
    const client = await registerClient(gatehouse);
    const other = await registerClient(gatehouse);
    for (const method of ["GET", "PUT", "DELETE"]) {
      for (const token of [String(other["registration_access_token"]), "junk", ""]) {
        const body = method === "PUT" ? { client_id: client.client_id, redirect_uris: [REDIRECT_URI] } : undefined;
        const response = await manage(client, method, body, token);
        expect(response.status).toBe(401);
        // A request without a token gets no error in the challenge (RFC 6750 §3.1).
        expect(response.headers.get("WWW-Authenticate")).toMatch(
          token === "" ? /^Bearer realm="gatehouse"$/ : /^Bearer .*error="invalid_token"/,
        );
      }
    }
    expect((await manage(client, "GET")).status).toBe(200);
    const nowhere = { ...client, registration_client_uri: `${gatehouse.issuer}/register/%00` };
    expect((await manage(nowhere, "GET")).status).toBe(401);
  });

  test.each([
    ["a new name", { client_name: "Somebody else" }],
    ["new redirect URIs", { redirect_uris: ["https://app.example/other"] }],
    [
      "the device grant, by which tokens can go to a stranger's television",
      { grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"] },
    ],
    ["other grants", { grant_types: ["authorization_code"] }],
    ["another way to authenticate", { token_endpoint_auth_method: "client_secret_basic" }],
    ["another type of application", { application_type: "native" }],
    ["another page about itself", { client_uri: "https://somebody.example" }],
  ])("R7 a client that changes to %s loses the owner's approval", async (_, change) => {
    const client = await registerClient(gatehouse);
    expect(await setClientStatus(gatehouse.owner, client.client_id, "approve")).toEqual({ done: true });
    const metadata = {
      client_id: client.client_id,
      client_name: "Test client",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
    };
    const isApproved = async (redirect_uri: string) => {
      const { url } = await authorizationRequest(gatehouse, client, { redirect_uri });
      return (await browser.open(url)).html.textContent.includes("approved by the people");
    };
    await manage(client, "PUT", metadata);
    expect(await isApproved(REDIRECT_URI)).toBe(true);
    const changed = { ...metadata, ...change };
    await manage(client, "PUT", changed);
    expect(await isApproved(changed.redirect_uris[0] ?? "")).toBe(false);
  });
});
