import { describe, expect, test } from "vitest";
import { createSigningKey, signAssertion } from "../support/client-assertion.ts";
import { createInternet } from "../support/internet.ts";
import { CHATGPT, DOCUMENTED, type KnownClient, REGISTERED } from "../support/known-clients.ts";
import {
  grantCode,
  isActive,
  redeem,
  refresh,
  registerClient,
  type TestClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { gatehouse, browser } = await ownScene({ outbound: internet.outbound });
/** The origin's URL as the SDKs write it. */
const resource = `${gatehouse.resource.uri}/`;

type Habits = Pick<KnownClient, "returnsTo" | "asks" | "namesResource"> & {
  readonly fields?: () => Promise<Record<string, string>>;
};

/** The whole flow, once for each redirect URI that the client is known to use. */
async function goesThrough(client: TestClient, habits: Habits): Promise<void> {
  const { returnsTo, asks = {}, namesResource = true, fields = async () => ({}) } = habits;
  for (const redirect_uri of returnsTo) {
    const grant = await grantCode(gatehouse, browser, client, { redirect_uri, resource, ...asks });
    const response = await redeem(gatehouse, client, grant, { resource, ...(await fields()) });
    expect(response.status, redirect_uri).toBe(200);
    const tokens = (await response.json()) as Tokens;
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    const named = namesResource ? { resource } : {};
    const refreshed = await refresh(gatehouse, client, tokens.refresh_token, { ...named, ...(await fields()) });
    expect(refreshed.status).toBe(200);
    expect(((await refreshed.json()) as Tokens).scope).toBe(tokens.scope);
  }
}

function publish(document: Readonly<Record<string, unknown>>): TestClient {
  const clientId = String(document["client_id"]);
  internet.serve(clientId, document, { "Cache-Control": "public, max-age=3600" });
  return { redirect_uris: [], ...document, client_id: clientId };
}

describe("clients with metadata documents", () => {
  test.each(DOCUMENTED.map((known) => [known.name, known] as const))("R8 %s connects and stays connected", (_, known) =>
    goesThrough(publish(known.metadata), known),
  );

  test("R9 ChatGPT connects with its keys and without them", async () => {
    const key = await createSigningKey("RS256");
    internet.serve(CHATGPT.jwks_uri, { keys: [{ ...key.jwk, use: "sig" }] });
    const client = publish(CHATGPT);
    const returnsTo = CHATGPT.redirect_uris;
    await goesThrough(client, { returnsTo });
    // Seen in production logs of two other servers in autumn 2026, while a third saw the issuer.
    for (const aud of [`${gatehouse.issuer}/token`, gatehouse.issuer]) {
      const iat = Math.floor(Date.now() / 1000);
      const fields = () => signAssertion(gatehouse, client.client_id, key, { aud, iat, exp: iat + 300 });
      await goesThrough(client, { returnsTo, fields });
    }
  });
});

describe("clients that register dynamically", () => {
  test.each(REGISTERED.map((known) => [known.name, known] as const))(
    "R1 %s connects and stays connected",
    async (_, known) => {
      const metadata = { grant_types: undefined, token_endpoint_auth_method: undefined, ...known.metadata };
      await goesThrough(await registerClient(gatehouse, metadata), known);
    },
  );

  test("T5 a client may omit the method and send its secret in the body", async () => {
    const client = await registerClient(gatehouse, { token_endpoint_auth_method: undefined });
    await goesThrough(client, { returnsTo: client.redirect_uris });
  });
});
