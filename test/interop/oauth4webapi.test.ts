import { generateKeyPair } from "jose";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { answerConsent } from "../../src/dev/person.ts";
import { basic, createMachine } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, browser } = await scene({ example: true });
const insecure = { [oauth.allowInsecureRequests]: true };
const REDIRECT_URI = "https://app.example/cb";

const issuer = new URL(gatehouse.issuer);
const server = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
);

async function register(metadata: Partial<oauth.Client> = {}): Promise<oauth.Client> {
  const response = await oauth.dynamicClientRegistrationRequest(
    server,
    {
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "none",
      ...metadata,
    } as never,
    insecure,
  );
  return oauth.processDynamicClientRegistrationResponse(response);
}

async function authorize(client: oauth.Client, params: Record<string, string> = {}) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint ?? "");
  url.search = String(
    new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      ...params,
    }),
  );
  const page = await browser.open(url);
  const answer = page.left ?? (await answerConsent(browser, page, { decision: "allow" }));
  return { answer, state, verifier };
}

async function redeem(client: oauth.Client, authentication: oauth.ClientAuth) {
  const { answer, state, verifier } = await authorize(client);
  const params = oauth.validateAuthResponse(server, client, answer, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    params,
    REDIRECT_URI,
    verifier,
    insecure,
  );
  return oauth.processAuthorizationCodeResponse(server, client, response);
}

describe("oauth4webapi, which validates iss, metadata and errors", () => {
  test.each<[string, (secret: string) => oauth.ClientAuth]>([
    ["none", () => oauth.None()],
    ["client_secret_basic", (secret) => oauth.ClientSecretBasic(secret)],
    ["client_secret_post", (secret) => oauth.ClientSecretPost(secret)],
  ])("with the method %s it is authorized, refreshes, introspects and revokes", async (method, authenticate) => {
    const client = await register({ token_endpoint_auth_method: method });
    const authentication = authenticate(String(client["client_secret"] ?? ""));
    const tokens = await redeem(client, authentication);
    const refreshed = await oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, authentication, tokens.refresh_token ?? "", insecure),
    );
    expect(refreshed.scope).toBe(tokens.scope);

    const { id, secret } = gatehouse.resource;
    const resource = { client_id: id };
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        server,
        resource,
        await oauth.introspectionRequest(
          server,
          resource,
          oauth.ClientSecretBasic(secret),
          refreshed.access_token,
          insecure,
        ),
      );
    expect(await introspect()).toMatchObject({ active: true, client_id: client.client_id });
    const revoked = await oauth.revocationRequest(
      server,
      client,
      authentication,
      refreshed.refresh_token ?? "",
      insecure,
    );
    expect(await oauth.processRevocationResponse(revoked)).toBeUndefined();
    expect(await introspect()).toEqual({ active: false });
  });

  test("R9 with private_key_jwt its assertion for the issuer is accepted", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await crypto.subtle.exportKey("jwk", publicKey as CryptoKey)), kid: "k", alg: "ES256" };
    const client = await register({ token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [jwk] } as never });
    const tokens = await redeem(client, oauth.PrivateKeyJwt({ key: privateKey as CryptoKey, kid: "k" }));
    expect(tokens.token_type).toBe("bearer");
  });

  test("A2 it recognizes an error in the redirect, with iss", async () => {
    const client = await register();
    const { answer, state } = await authorize(client, { scope: '"' });
    expect(() => oauth.validateAuthResponse(server, client, answer, state)).toThrow(oauth.AuthorizationResponseError);
    answer.searchParams.set("iss", "https://other.example");
    expect(() => oauth.validateAuthResponse(server, client, answer, state)).toThrow(/iss/);
  });

  test("T8 it recognizes the errors of the JSON endpoints", async () => {
    const client = await register();
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), "gthr_unknown", insecure);
    await expect(oauth.processRefreshTokenResponse(server, client, response)).rejects.toMatchObject({
      error: "invalid_grant",
    });
    const unknown = { client_id: "client_unknown" };
    const refused = await oauth.revocationRequest(server, unknown, oauth.ClientSecretPost("x"), "y", insecure);
    await expect(oauth.processRevocationResponse(refused)).rejects.toMatchObject({ cause: [{ scheme: "basic" }] });
  });

  test("K1 it finds the resource metadata by the challenge of the MCP server", async () => {
    const { uri } = gatehouse.resource;
    const call = oauth.protectedResourceRequest("gtha_junk", "POST", new URL(uri), new Headers(), null, insecure);
    const metadataUrl = uri.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    await expect(call).rejects.toMatchObject({
      cause: [
        {
          scheme: "bearer",
          parameters: { error: "invalid_token", resource_metadata: metadataUrl, scope: "weather:read" },
        },
      ],
    });
    const resource = await oauth.processResourceDiscoveryResponse(
      new URL(uri),
      await oauth.resourceDiscoveryRequest(new URL(uri), insecure),
    );
    expect(resource).toMatchObject({ resource: uri, authorization_servers: [gatehouse.issuer] });
    expect((await fetch(uri, { method: "POST", headers: basic("a", "b") })).status).toBe(401);
  });
});

describe("oauth4webapi, without a browser", () => {
  test("RFC 8628 as a device it polls until the person has decided, and then gets tokens", async () => {
    const grant_types = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"];
    const client = await register({ grant_types, redirect_uris: [] } as never);
    const scope = new URLSearchParams({ scope: "weather:read" });
    const authorization = await oauth.processDeviceAuthorizationResponse(
      server,
      client,
      await oauth.deviceAuthorizationRequest(server, client, oauth.None(), scope, insecure),
    );
    const poll = async () =>
      oauth.processDeviceCodeResponse(
        server,
        client,
        await oauth.deviceCodeGrantRequest(server, client, oauth.None(), authorization.device_code, insecure),
      );
    await expect(poll()).rejects.toMatchObject({ error: "authorization_pending" });
    const page = await browser.open(authorization.verification_uri_complete ?? "");
    await browser.submit(await browser.submit(page, "/device", {}), "/device/decide", { decision: "allow" });
    expect(await poll()).toMatchObject({ token_type: "bearer", scope: "weather:read" });
  });

  test("T1 as a machine it gets a token by client credentials", async () => {
    const { id, secret } = await createMachine(gatehouse, { scope: "weather:read" });
    const client = { client_id: id };
    const tokens = await oauth.processClientCredentialsResponse(
      server,
      client,
      await oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.ClientSecretBasic(secret),
        new URLSearchParams({ scope: "weather:read", resource: gatehouse.resource.uri }),
        insecure,
      ),
    );
    expect(tokens).toMatchObject({ token_type: "bearer", scope: "weather:read", expires_in: 3600 });
    expect(tokens).not.toHaveProperty("refresh_token");
  });
});
