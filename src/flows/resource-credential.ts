import type { Deps } from "../deps.ts";
import { type Digest, sha256 } from "../lib/hash.ts";
import { isPlausibleToken } from "../lib/token.ts";
import { OAuthError } from "../oauth/errors.ts";
import { TOKEN_KIND } from "../oauth/token-kind.ts";

/** A resource's credential. Basic names the resource by its short id, Bearer leaves it out (RFC 7662 §2.1). */
export type ResourceCredential = { readonly resourceId: string | null; readonly secret: string };

/** The digest that the store compares. */
type CredentialKey = { readonly credentialDigest: Digest; readonly resourceId: string | null };

/** Refuses without a round trip what can't be a credential. The statement that does the work compares the rest. */
export async function readCredentialKey({ keys }: Deps, credential: ResourceCredential | null): Promise<CredentialKey> {
  const { resourceId = null, secret = "" } = credential ?? {};
  const isPlausible = await isPlausibleToken(keys, TOKEN_KIND.introspectionCredential, secret);
  if (!isPlausible || !/^[\w-]*$/.test(resourceId ?? "")) throw badCredential(credential);
  return { credentialDigest: await sha256(secret), resourceId };
}

/** A 401 in the scheme that was used (RFC 7662 §2.3, RFC 6750 §3.1). */
export const badCredential = (credential: ResourceCredential | null) =>
  new OAuthError(
    isBearer(credential) ? "invalid_token" : "invalid_client",
    "This needs the credential of a resource.",
    {
      status: 401,
      reason: "bad_credential",
      challenge: isBearer(credential) ? "Bearer" : "Basic",
    },
  );

const isBearer = (credential: ResourceCredential | null) => credential !== null && credential.resourceId === null;
