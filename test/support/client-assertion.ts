import { exportJWK, generateKeyPair, SignJWT } from "jose";

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export type SigningKey = Awaited<ReturnType<typeof createSigningKey>>;
export type Claims = Readonly<Record<string, unknown>>;

/** A key of a client, and how the client publishes it. */
export async function createSigningKey(alg = "RS256", kid = crypto.randomUUID()) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

/** Fields that authenticate a client (RFC 7523 §2.2). `claims` replace the good ones, and undefined leaves one out. */
export async function signAssertion(
  { issuer }: { readonly issuer: string },
  clientId: string,
  { alg, kid, privateKey }: SigningKey,
  claims: Claims = {},
): Promise<{ readonly client_assertion_type: string; readonly client_assertion: string }> {
  const now = Math.floor(Date.now() / 1000);
  const all = { iss: clientId, sub: clientId, aud: issuer, exp: now + 60, jti: crypto.randomUUID(), ...claims };
  const jwt = await new SignJWT(all).setProtectedHeader({ alg, kid }).sign(privateKey);
  return { client_assertion_type: ASSERTION_TYPE, client_assertion: jwt };
}
