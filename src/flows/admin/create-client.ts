import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import { mintToken } from "../../lib/token.ts";
import { readClientMetadata } from "../../oauth/client-metadata.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertClient } from "../../store/clients.ts";
import { findOfferGaps } from "../../store/offer.ts";
import { needsSecret, toClientRecord } from "../client/client-record.ts";
import type { AdminDeps } from "./admin-deps.ts";

type NewClient = { readonly clientId: string; readonly clientSecret: string | null };

/**
 * Registers a client by hand, with the metadata of RFC 7591 §2. It is approved, since the owner made it. It may be
 * bound to one resource. A client that acts in its own name must be, and needs scopes, since nobody is asked when it
 * gets a token. The secret is shown this once.
 */
export async function createClient(
  deps: AdminDeps,
  metadata: Readonly<Record<string, unknown>>,
  privateUseSchemes: readonly string[],
  resource: string | null = null,
): Promise<NewClient | { problem: string }> {
  try {
    const read = readClientMetadata(metadata, { privateUseSchemes, ownHost: "", byOwner: true });
    if (read.grantTypes.includes("client_credentials") && (resource === null || read.scope === null)) {
      return {
        problem: "A machine acts without asking anybody, so it needs one resource and scopes of that resource.",
      };
    }
    const id = `client_${randomBase64url(16)}`;
    const secret = needsSecret(read) ? await mintToken(deps.keys, TOKEN_KIND.clientSecret) : null;
    const record = await toClientRecord(read, secret === null ? null : await sha256(secret));
    const client = { ...record, id, registration: "preregistered", registrationDigest: null, approved: true } as const;
    const uri = resource === null ? null : (canonicalResource(resource) ?? "");
    const admission = uri === null ? "owner" : { ownerForResource: uri };
    if (!(await insertClient(deps.db, client, admission, deps.actor))) return await explain(deps, read.scope, uri);
    return { clientId: id, clientSecret: secret };
  } catch (error) {
    if (error instanceof OAuthError) return { problem: error.message };
    throw error;
  }
}

async function explain({ db }: AdminDeps, scope: string | null, uri: string | null): Promise<{ problem: string }> {
  const { resourceFound, unoffered } = await findOfferGaps(db, scope, uri);
  if (uri !== null && !resourceFound) return { problem: "There is no server with this URL." };
  const [gap] = unoffered;
  return {
    problem:
      gap === undefined
        ? "Only an owner can do that."
        : `The scope ${gap} is not offered${uri === null ? "" : ` by ${uri}`}.`,
  };
}
