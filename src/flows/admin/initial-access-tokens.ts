import { sha256 } from "../../lib/hash.ts";
import * as z from "../../lib/schema.ts";
import { mintToken } from "../../lib/token.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertInitialAccessToken, revokeInitialAccessToken } from "../../store/initial-access-tokens.ts";
import type { AdminDeps } from "./admin-deps.ts";

export type InitialAccessTokenInput = {
  readonly label: string;
  readonly resource: string | null;
  readonly uses: number | null;
  readonly days: number | null;
};

/** Makes a token that admits clients to the registration endpoint (RFC 7591 §3). It is shown this once. */
export async function createInitialAccessToken(
  deps: AdminDeps,
  { label, resource, uses, days }: InitialAccessTokenInput,
): Promise<{ id: string; token: string } | { problem: string }> {
  const resourceUri = resource === null ? null : canonicalResource(resource);
  if (resource !== null && resourceUri === null) return { problem: "There is no server with this URL." };
  const token = await mintToken(deps.keys, TOKEN_KIND.initialAccessToken);
  const expiresAt = days === null ? null : new Date(deps.now().getTime() + days * 24 * 60 * 60 * 1000);
  const row = { digest: await sha256(token), label, resourceUri, uses, expiresAt };
  const id = await insertInitialAccessToken(deps.db, row, deps.actor);
  return id ? { id, token } : { problem: "There is no server with this URL." };
}

/** Ends an initial access token. Clients that it admitted stay. */
export async function endInitialAccessToken(
  deps: AdminDeps,
  id: string,
): Promise<{ readonly done: true } | { readonly problem: string }> {
  const known = z.uuid().safeParse(id).success && (await revokeInitialAccessToken(deps.db, id, deps.actor));
  return known ? { done: true } : { problem: "There is no such token." };
}
