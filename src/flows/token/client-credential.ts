import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { type ClientAuthentication, invalidClient } from "../../oauth/client-authentication.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { ClientCredential } from "../../store/client-credentials.ts";

/** Turns what a client sent into what the gates compare. A secret that can't be one of ours costs no round trip. */
export async function readClientCredential(deps: Deps, client: ClientAuthentication): Promise<ClientCredential> {
  if (client.method === "none") return { method: "none" };
  if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.clientSecret, client.secret))) {
    throw invalidClient("Client authentication failed.", "bad_credential");
  }
  return { method: client.method, secretDigest: await sha256(client.secret) };
}
