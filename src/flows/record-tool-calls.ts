import type { Deps } from "../deps.ts";
import { encodeHex } from "../lib/hex.ts";
import { insertToolCalls, type NewToolCall } from "../store/tool-calls.ts";
import { countRequest, enforceLimit } from "./rate-limit.ts";
import { badCredential, type ResourceCredential, readCredentialKey } from "./resource-credential.ts";

/**
 * Records the tool calls that a resource reports. Returns how many. The caller of each is read from its token, so a
 * resource can't invent calls by people who didn't come to it. The limit counts calls, so that no resource fills the
 * log.
 */
export async function recordToolCalls(
  deps: Deps,
  credential: ResourceCredential | null,
  calls: readonly NewToolCall[],
): Promise<number> {
  const key = await readCredentialKey(deps, credential);
  const bucket = { name: "toolCalls", whose: nameOf(key.credentialDigest), cost: calls.length } as const;
  enforceLimit(deps, await countRequest(deps, [bucket]));
  const recorded = await insertToolCalls(deps.db, key, calls, deps.actor);
  if (recorded === null) throw badCredential(credential);
  return recorded;
}

/** The holder of the secret is counted, so that nobody else can use up the limit. Half a digest is enough for that. */
const nameOf = (digest: Uint8Array): string => encodeHex(digest.subarray(0, 16));
