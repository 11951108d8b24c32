import type { Deps } from "../deps.ts";
import { encodeHex } from "../lib/hex.ts";
import { insertToolCalls, type NewToolCall } from "../store/tool-calls.ts";
import { countRequest, enforceLimit } from "./rate-limit.ts";
import { badCredential, type ResourceCredential, readCredentialKey } from "./resource-credential.ts";

/**
 * Writes down the calls that a resource's tools were asked for; how many. Who called is read from the tokens, so a resource
 * can't put words into the mouth of anyone who did not come to it. Counted by call, so that no resource fills the log.
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

/** Who holds the secret is counted, so that nobody else can use the limit up. Half a digest is enough for that. */
const nameOf = (digest: Uint8Array): string => encodeHex(digest.subarray(0, 16));
