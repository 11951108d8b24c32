import type { Deps } from "../../deps.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { explainMachineRefusal } from "../../oauth/machine-refusal.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { findMachineFacts, insertMachineToken, type MachineRequest } from "../../store/machine-tokens.ts";
import { auditBadCredential, readClientCredential } from "../client/credential.ts";
import { settleGate } from "./lost-answer.ts";
import { mintTokenPair, type TokenResponse, tokenResponse } from "./token-response.ts";

/** Gives a client that the owner registered an access token in its own name (OAuth 2.1 §4.2); no refresh token. */
export async function grantClientCredentials(
  deps: Deps,
  client: ClientAuthentication,
  params: Params,
): Promise<TokenResponse> {
  const request = {
    clientId: client.clientId,
    resourceUri: requestedResource(params.resources),
    scopes: parseScope(params.values.get("scope")),
    credential: await readClientCredential(deps, client),
  };
  const tokens = { ...(await mintTokenPair(deps)), refreshDigest: null, familyId: crypto.randomUUID() };
  const actor = deps.actor;
  return settleGate(deps.db, tokens, {
    attempt: () => insertMachineToken(deps.db, request, tokens, deps.config.lifetimes.accessSeconds, actor),
    answer: (issued) => tokenResponse(tokens, issued, actor.now),
    explain: () => explain(deps, request),
  });
}

async function explain(deps: Deps, request: MachineRequest): Promise<null> {
  const refusal = explainMachineRefusal(await findMachineFacts(deps.db, request));
  if (!refusal) return null;
  if (refusal.reason === "bad_credential") auditBadCredential(deps, request.clientId);
  throw refusal;
}
