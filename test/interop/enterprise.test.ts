import {
  Client,
  CrossAppAccessProvider,
  discoverAndRequestJwtAuthGrant,
  exchangeJwtAuthGrant,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { describe, expect, test } from "vitest";
import { setIssuerStatus } from "../../src/flows/admin/issuers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createAssertingClient, trustIssuer } from "../support/issuer.ts";
import { introspect } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({ example: true });
const { issuer, owner } = gatehouse;
const { uri } = gatehouse.resource;
const acme = await trustIssuer(gatehouse);
const client = await createAssertingClient(gatehouse);
acme.clients.set("client at acme", client.id);

describe("MCP Enterprise-Managed Authorization with the official SDK client", () => {
  test("T1 the SDK's own provider gets a token without a page, calls a tool, and comes back with a new assertion", {
    timeout: 60_000,
  }, async () => {
    let asked = 0;
    const provider = new CrossAppAccessProvider({
      assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
        asked++;
        const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
          ...{ idpUrl: acme.issuer, audience: authorizationServerUrl, resource: resourceUrl, idToken: "ada" },
          ...{ clientId: "client at acme", fetchFn, ...(scope ? { scope } : {}) },
        });
        return jwtAuthGrant;
      },
      clientId: client.id,
      clientSecret: client.secret,
      expectedIssuer: issuer,
    });
    const callTool = async () => {
      const transport = new StreamableHTTPClientTransport(new URL(uri), { authProvider: provider });
      const host = new Client({ name: "test", version: "1.0.0" });
      await host.connect(transport);
      const { content } = await host.callTool({ name: "get_weather", arguments: { city: "Oslo" } });
      await host.close();
      return content[0]?.type === "text" ? content[0].text : "";
    };
    expect(await callTool()).toContain("°C");
    const { access_token = "", refresh_token } = provider.tokens() ?? {};
    expect(refresh_token).toBeUndefined();
    expect(await (await introspect(gatehouse, access_token)).json()).toMatchObject({ client_id: client.id, aud: uri });
    expect(asked).toBe(1);
    // The issuer was turned off and on again: the token has ended, and the client asks for another.
    for (const status of ["off", "on"] as const) await setIssuerStatus(owner, acme.name, status);
    expect(await callTool()).toContain("°C");
    expect(asked).toBe(2);
  });

  test("T5 the SDK's function for the grant alone authenticates with the secret in the header and in the body", async () => {
    for (const authMethod of ["client_secret_basic", "client_secret_post"] as const) {
      const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
        ...{ idpUrl: acme.issuer, audience: issuer, resource: uri, idToken: "ada", clientId: "client at acme" },
      });
      const tokens = await exchangeJwtAuthGrant({
        ...{ tokenEndpoint: `${issuer}/token`, jwtAuthGrant, clientId: client.id, clientSecret: client.secret },
        authMethod,
      });
      expect(tokens.token_type).toBe("Bearer");
    }
  });

  test("M1 the metadata says that assertions are accepted, but not whose", async () => {
    const metadata = (await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()) as object;
    expect(metadata).toMatchObject({
      grant_types_supported: expect.arrayContaining(["urn:ietf:params:oauth:grant-type:jwt-bearer"]),
      authorization_grant_profiles_supported: ["urn:ietf:params:oauth:grant-profile:id-jag"],
    });
    expect(JSON.stringify(metadata)).not.toContain(acme.issuer);
  });
});
