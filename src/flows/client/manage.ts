import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { decodeHex } from "../../lib/hex.ts";
import { isPlausibleToken, mintToken } from "../../lib/token.ts";
import { clientInformation } from "../../oauth/client-information.ts";
import { readClientMetadata, withoutEmpty } from "../../oauth/client-metadata.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { deleteClient, updateManagedClient } from "../../store/clients.ts";
import { findManagedClient, type ManagedClient } from "../../store/managed-clients.ts";
import { metadataPolicy, needsSecret, toClientRecord } from "./client-record.ts";
import { managementUri, noRoom } from "./register.ts";

/** A client and the registration access token that it manages itself with (RFC 7592 §1.2). */
export type ClientManager = { readonly clientId: string; readonly token: string };

/** Reads a client's own registration (RFC 7592 §2.1). Its secret isn't stored, so the answer can't include it. */
export async function readRegistration(deps: Deps, manager: ClientManager): Promise<Record<string, unknown>> {
  const { client } = await findOwn(deps, manager);
  return clientInformation(manager.clientId, new Date(client.issuedAt * 1000), client, null, management(deps, manager));
}

/**
 * Replaces a client's metadata (RFC 7592 §2.2). Makes a secret if the new method needs one and there is none, and
 * deletes it if it needs none. The owner's approval is bound to what was approved, so a change loses it.
 */
export async function replaceRegistration(
  deps: Deps,
  manager: ClientManager,
  input: unknown,
): Promise<Record<string, unknown>> {
  const { client, registrationDigest } = await findOwn(deps, manager);
  const { client_id: clientId, client_secret: sentSecret } = (withoutEmpty(input) ?? {}) as Record<string, unknown>;
  if (clientId !== manager.clientId)
    throw new OAuthError("invalid_client_metadata", "client_id has to be the client's own.");
  const kept = client.secretDigest === null ? null : decodeHex(client.secretDigest);
  if (sentSecret !== undefined && (typeof sentSecret !== "string" || !(await isDigestOf(kept, sentSecret)))) {
    throw new OAuthError(
      "invalid_client_metadata",
      "client_secret can't be chosen. Leave it out, or send the current one.",
    );
  }
  const metadata = readClientMetadata(input, metadataPolicy(deps));
  const wanted = { ...metadata, scope: metadata.scope ?? client.scope };
  const fresh = needsSecret(metadata) && kept === null ? await mintToken(deps.keys, TOKEN_KIND.clientSecret) : null;
  const secretDigest = needsSecret(metadata) ? (fresh === null ? kept : await sha256(fresh)) : null;
  const record = await toClientRecord(wanted, secretDigest);
  const managed = { id: manager.clientId, registrationDigest };
  const stored = await updateManagedClient(deps.db, managed, record, deps.config.maxUnusedClients, deps.actor);
  if (stored === "full") throw noRoom(deps);
  if (!stored) throw badToken(manager.token);
  return clientInformation(
    manager.clientId,
    new Date(client.issuedAt * 1000),
    { ...wanted, ...stored },
    fresh,
    management(deps, manager),
  );
}

/** Deletes a client and revokes everything that it was granted (RFC 7592 §2.3). */
export async function deleteRegistration(deps: Deps, manager: ClientManager): Promise<void> {
  const registrationDigest = await readToken(deps, manager);
  const selection = { id: manager.clientId, registrationDigest };
  if (!(await deleteClient(deps.db, selection, deps.actor))) throw badToken(manager.token);
}

async function findOwn(
  deps: Deps,
  manager: ClientManager,
): Promise<{ client: ManagedClient; registrationDigest: Uint8Array }> {
  const registrationDigest = await readToken(deps, manager);
  const client = await findManagedClient(deps.db, manager.clientId, registrationDigest);
  if (!client) throw badToken(manager.token);
  return { client, registrationDigest };
}

async function readToken({ keys }: Deps, { token }: ClientManager): Promise<Uint8Array> {
  if (!(await isPlausibleToken(keys, TOKEN_KIND.registrationAccessToken, token))) throw badToken(token);
  return sha256(token);
}

const management = (deps: Deps, { clientId, token }: ClientManager) => ({ uri: managementUri(deps, clientId), token });

const isDigestOf = async (digest: Uint8Array | null, secret: string): Promise<boolean> =>
  digest !== null && crypto.subtle.timingSafeEqual(digest, await sha256(secret));

/** The same error for a wrong token, a deleted client and one that never existed (RFC 7592 §2.1). */
const badToken = (token: string) =>
  new OAuthError("invalid_token", "The registration access token is not valid for this client.", {
    status: 401,
    reason: "bad_credential",
    challenge: token === "" ? "Bearer without error" : "Bearer",
  });
