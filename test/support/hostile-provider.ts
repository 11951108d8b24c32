import { createServer } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { readForm, type StandInAnswer } from "../../src/dev/providers/stand-in.ts";
import { jsonAnswer } from "./broken-answers.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { addProviderOrThrow } from "./providers.ts";

export const HOSTILE_CLIENT = { clientId: "gatehouse", clientSecret: "hostile-secret-0123456789abcdefghijklmn" };

export type Hostile = Awaited<ReturnType<typeof addHostile>>;

/** An OpenID provider whose token endpoint answers what a test sets. */
export async function addHostile(gatehouse: Gatehouse, slug: string) {
  const port = await findFreePort();
  const issuer = `http://localhost:${port}`;
  const { publicKey, privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), alg: "RS256", use: "sig", kid: "1" };
  const hostile = {
    ...{ slug, issuer, privateKey, jwk },
    /** The nonce of the request that is being answered. */
    nonce: "",
    answer: async (): Promise<object> => ({}),
    /** What it answers at a path instead. */
    instead: {} as Record<string, StandInAnswer>,
  };
  const server = createServer(async (request, response) => {
    await readForm(request);
    const path = new URL(request.url ?? "/", issuer).pathname;
    const discovery = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
    };
    const own = async () =>
      path === "/token" ? await hostile.answer() : path === "/jwks" ? { keys: [jwk] } : discovery;
    const { status, headers, body } = hostile.instead[path] ?? jsonAnswer(await own());
    response.writeHead(status, headers).end(body);
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  afterAll(() => stopServer(server));
  await addProviderOrThrow(gatehouse, { slug, issuer, ...HOSTILE_CLIENT, signsIn: true, joining: ["subject:victim"] });
  return hostile;
}
