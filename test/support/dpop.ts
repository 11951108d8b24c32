import { createHash } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { expect } from "vitest";
import { type Grant, postForm, type TestClient } from "./oauth-client.ts";

/** A client's key for DPoP, made and used only by `jose`. */
export type DpopKey = { readonly alg: string; readonly jwk: JWK; readonly jkt: string; readonly privateKey: CryptoKey };

export async function createDpopKey(alg = "ES256"): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { alg, jwk, jkt: await calculateJwkThumbprint(jwk), privateKey };
}

export type ProofInput = {
  readonly htm?: unknown;
  readonly htu?: unknown;
  readonly iat?: unknown;
  readonly jti?: unknown;
  readonly nonce?: unknown;
  readonly ath?: unknown;
};

/** The hash of an access token that a proof at a resource carries (RFC 9449 §4.2). */
export const athOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/** A proof with the given claims and header. */
export function signProof(key: DpopKey, claims: ProofInput, header: Record<string, unknown> = {}): Promise<string> {
  const all = { jti: crypto.randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims };
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const signedHeader = { alg: key.alg, typ: "dpop+jwt", jwk: key.jwk, ...header };
  return new SignJWT(present).setProtectedHeader(signedHeader as never).sign(key.privateKey);
}

/** Posts to a token endpoint with proofs of a key, as a client does: its first answer is a nonce. */
export async function postProven(
  issuer: string,
  key: DpopKey,
  fields: Record<string, string>,
  claims: ProofInput = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const url = `${issuer}/token`;
  const post = async (nonce?: string) =>
    postForm(url, fields, { ...headers, DPoP: await signProof(key, { htm: "POST", htu: url, nonce, ...claims }) });
  const first = await post();
  expect([first.status, ((await first.clone().json()) as { error: string }).error]).toEqual([400, "use_dpop_nonce"]);
  return post(first.headers.get("DPoP-Nonce") ?? "");
}

const credentials = ({ client_id, client_secret }: TestClient) => ({
  client_id,
  ...(client_secret ? { client_secret } : {}),
});
/** The parameters with which a client redeems a code. */
export const codeFields = (by: TestClient, { code, verifier, redirectUri }: Grant) => ({
  ...{ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri, ...credentials(by) },
});
/** The parameters with which it refreshes. */
export const refreshFields = (by: TestClient, token: string) => ({
  grant_type: "refresh_token",
  refresh_token: token,
  ...credentials(by),
});
