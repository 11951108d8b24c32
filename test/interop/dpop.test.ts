import { Client, DpopSession, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { createDemoClient } from "../../src/dev/demo-client.ts";
import { answerConsent, authorize } from "../../src/dev/person.ts";
import { createMachine, introspect, registerClient } from "../support/oauth-client.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, person, browser } = await scene({ example: true });
const { uri } = gatehouse.resource;

describe("the official SDK client with a DPoP session", () => {
  test.each(["ES256", "EdDSA", "PS256", "RS256"] as const)(
    "RFC 9449 §5 signs in, calls a tool and refreshes with a key for %s",
    { timeout: 60_000 },
    async (alg) => {
      const session = await DpopSession.create({ alg });
      const provider = Object.assign(createDemoClient({ token_endpoint_auth_method: "none" }), { dpop: () => session });
      const open = () => ({
        transport: new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider }),
        client: new Client({ name: "test", version: "1.0.0" }),
      });
      const callTool = async () => {
        const { transport, client } = open();
        await client.connect(transport);
        const { content } = await client.callTool({ name: "get_weather", arguments: { city: "Oslo" } });
        await client.close();
        return content[0]?.type === "text" ? content[0].text : "";
      };
      const { transport, client } = open();
      await expect(client.connect(transport)).rejects.toSatisfy((error) => UnauthorizedError.isInstance(error));
      const answer = await authorize(browser, provider.authorizationUrl ?? "", person);
      await transport.finishAuth(answer.searchParams);
      const first = provider.stored.tokens;
      expect(first?.token_type).toBe("DPoP");
      expect(await callTool()).toContain("°C");
      const told = await (await introspect(gatehouse, first?.access_token ?? "")).json();
      expect(told).toMatchObject({ token_type: "DPoP", cnf: { jkt: session.thumbprint } });

      if (!first) throw new Error("no tokens");
      provider.stored.tokens = { ...first, access_token: "gtha_broken" };
      expect(await callTool()).toContain("°C");
      expect(provider.stored.tokens?.refresh_token).not.toBe(first.refresh_token);
    },
  );
});

describe("oauth4webapi with DPoP", async () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(gatehouse.issuer);
  const server = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
  );
  /** Repeats a request with the nonce that its refusal brought. */
  const withNonce = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((error) => {
      if (!oauth.isDPoPNonceError(error)) throw error;
      return work();
    });

  test("RFC 9449 §10 redeems a code that dpop_jkt binds, refreshes, and calls the server", async () => {
    const registered = await registerClient(gatehouse);
    const client = { client_id: registered.client_id };
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair("ES256"));
    const verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(server.authorization_endpoint ?? "");
    const redirectUri = registered.redirect_uris[0] ?? "";
    url.search = String(
      new URLSearchParams({
        ...{ response_type: "code", client_id: client.client_id, redirect_uri: redirectUri, resource: uri },
        ...{ code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256" },
        dpop_jkt: await DPoP.calculateThumbprint(),
      }),
    );
    const answer = await answerConsent(browser, await browser.open(url), { decision: "allow" });
    const params = oauth.validateAuthResponse(server, client, answer);
    const tokens = await withNonce(async () =>
      oauth.processAuthorizationCodeResponse(
        server,
        client,
        await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), params, redirectUri, verifier, {
          DPoP,
          ...insecure,
        }),
      ),
    );
    expect(tokens.token_type).toBe("dpop");
    const refreshed = await withNonce(async () =>
      oauth.processRefreshTokenResponse(
        server,
        client,
        await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token ?? "", {
          DPoP,
          ...insecure,
        }),
      ),
    );
    const headers = new Headers({ "Content-Type": "application/json", Accept: "application/json, text/event-stream" });
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
    const request = (key: oauth.DPoPHandle) =>
      oauth.protectedResourceRequest(refreshed.access_token, "POST", new URL(uri), headers, body, {
        DPoP: key,
        ...insecure,
      });
    expect((await request(DPoP)).status).not.toBe(401);
    const thief = oauth.DPoP({}, await oauth.generateKeyPair("ES256"));
    await expect(request(thief)).rejects.toThrow(oauth.WWWAuthenticateChallengeError);
  });

  test("RFC 9449 §5 gets a token for a machine", async () => {
    const machine = await createMachine(gatehouse, { scope: "weather:read" });
    const client = { client_id: machine.id };
    const DPoP = oauth.DPoP({}, await oauth.generateKeyPair("EdDSA"));
    const tokens = await withNonce(async () =>
      oauth.processClientCredentialsResponse(
        server,
        client,
        await oauth.clientCredentialsGrantRequest(
          server,
          client,
          oauth.ClientSecretBasic(machine.secret),
          {},
          {
            DPoP,
            ...insecure,
          },
        ),
      ),
    );
    expect(tokens.token_type).toBe("dpop");
  });
});
