import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from "jose";
import type { Deps } from "../../deps.ts";
import { isGoodNonce } from "../../lib/dpop-nonce.ts";
import { sha256 } from "../../lib/hash.ts";
import { badProof, DPOP_ALGORITHMS, isProof, nonceNeeded, readProofClaims } from "../../oauth/dpop.ts";
import type { KeyProof } from "../../store/client-credentials.ts";

/**
 * Checks the DPoP proof of a token request (RFC 9449 §4.3, §5): signed by the key that it contains, for this endpoint,
 * now, with a nonce of ours. Null if none was sent. It costs no round trip. The gate decides whether it is used for the
 * first time.
 */
export async function readKeyProof({ config, keys, now }: Deps, header: string | null): Promise<KeyProof | null> {
  if (header === null) return null;
  if (!isProof(header)) throw badProof("The DPoP header must contain exactly one proof.");
  const { payload, protectedHeader } = await verify(header);
  const request = { method: "POST", uri: `${config.issuer}/token`, now: now() };
  const { jti, nonce, expiresAt } = readProofClaims(payload, request);
  if (nonce === null || !(await isGoodNonce(keys, nonce, request.now))) throw nonceNeeded();
  const jkt = await calculateJwkThumbprint(protectedHeader.jwk ?? {});
  return { jkt, digest: await sha256(`dpop\n${jkt}\n${jti}`), expiresAt };
}

async function verify(proof: string) {
  try {
    // `EmbeddedJWK` accepts only public keys, and the algorithms are asymmetric ones.
    return await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: DPOP_ALGORITHMS });
  } catch (error) {
    // A malformed key makes the import fail, with one error or another.
    throw badProof(
      `The DPoP proof is not valid: ${error instanceof errors.JOSEError ? error.code : "ERR_JWK_INVALID"}.`,
    );
  }
}
