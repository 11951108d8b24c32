import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { DEVICE_CODE_GRANT } from "../../oauth/client-metadata.ts";
import { explainDeviceRefusal } from "../../oauth/device-refusal.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { consumeDeviceCode, type DeviceFacts, type DevicePoll } from "../../store/device-redemptions.ts";
import { auditBadCredential, readClientCredential } from "../client/credential.ts";
import { describeCaller } from "./caller.ts";
import { revokeAfterReplay } from "./code-replay.ts";
import { settleGate } from "./lost-answer.ts";
import { mintTokenPair, type TokenResponse, tokenResponse } from "./token-response.ts";

/** Answers a device that asks whether its person has decided (RFC 8628 §3.4): tokens, or to wait. */
export async function pollDeviceCode(deps: Deps, client: ClientAuthentication, params: Params): Promise<TokenResponse> {
  const poll = await readPoll(deps, client, params);
  const tokens = { ...(await mintTokenPair(deps)), familyId: crypto.randomUUID() };
  const actor = deps.actor;
  let facts: DeviceFacts | null = null;
  return settleGate(deps.db, tokens, {
    attempt: async () => {
      const polled = await consumeDeviceCode(deps.db, poll, tokens, deps.config.lifetimes, DEVICE_CODE_GRANT, actor);
      facts = polled.facts;
      return polled.issued;
    },
    answer: (issued) => tokenResponse(tokens, issued, actor.now),
    explain: () => explain(deps, poll, facts),
  });
}

async function readPoll(deps: Deps, client: ClientAuthentication, params: Params): Promise<DevicePoll> {
  const code = params.values.get("device_code");
  if (code === undefined) throw new OAuthError("invalid_request", "device_code is missing.");
  const resourceUri = requestedResource(params.resources);
  const credential = await readClientCredential(deps, client);
  if (!(await isPlausibleToken(deps.keys, TOKEN_KIND.deviceCode, code))) {
    throw new OAuthError("invalid_grant", "The device code is unknown.", { reason: "code_unknown" });
  }
  const [digest, caller] = await Promise.all([sha256(code), describeCaller(deps)]);
  return { digest, clientId: client.clientId, credential, resourceUri, caller };
}

/** Throws why the poll got nothing; returns null if it should be tried once more. */
async function explain(deps: Deps, poll: DevicePoll, facts: DeviceFacts | null): Promise<null> {
  const refusal = facts && explainDeviceRefusal(facts);
  if (!facts || !refusal) return null;
  if (refusal.error.reason === "bad_credential") auditBadCredential(deps, poll.clientId);
  if (refusal.isReplay) await revokeAfterReplay(deps, { ...facts, clientId: poll.clientId }, "family");
  throw refusal.error;
}
