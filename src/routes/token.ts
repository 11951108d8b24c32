import { redeemCode } from "../flows/token/authorization-code.ts";
import { grantClientCredentials } from "../flows/token/client-credentials.ts";
import { pollDeviceCode } from "../flows/token/device-code.ts";
import type { AnswerTokenRequest } from "../flows/token/grant.ts";
import { redeemIdentityAssertion } from "../flows/token/identity-assertion.ts";
import { refresh } from "../flows/token/refresh-token.ts";
import { exchangeAccountToken } from "../flows/token/token-exchange.ts";
import { isAboutPerson } from "../flows/token/trusted-assertion.ts";
import { grantToWorkload } from "../flows/token/workload.ts";
import { mintNonce } from "../lib/dpop-nonce.ts";
import { OAuthError } from "../oauth/errors.ts";
import { DEVICE_CODE_GRANT, GRANT_TYPES, type GrantType, JWT_BEARER_GRANT } from "../oauth/grant-type.ts";
import { TOKEN_EXCHANGE_GRANT } from "../oauth/token-exchange.ts";
import type { AppContext } from "./app-env.ts";
import { authenticationOf } from "./client-authentication.ts";
import { readResourceCredential } from "./resource-credential.ts";

const GRANTS: Readonly<Record<GrantType, AnswerTokenRequest>> = {
  authorization_code: redeemCode,
  client_credentials: grantClientCredentials,
  [DEVICE_CODE_GRANT]: pollDeviceCode,
  [JWT_BEARER_GRANT]: redeemIdentityAssertion,
  refresh_token: refresh,
};

/** `POST /token` (OAuth 2.1 §3.2). */
export async function postToken(c: AppContext): Promise<Response> {
  const { deps, params } = c.var;
  const grantType = params.values.get("grant_type");
  if (grantType === undefined) throw new OAuthError("invalid_request", "grant_type is missing.");
  if (grantType === TOKEN_EXCHANGE_GRANT) {
    // A resource asks here with the credential with which it introspects. This also works while the vault key is
    // missing, since it may come back.
    const credential = readResourceCredential(c.req.header("Authorization"), params);
    if (credential || deps.config.vaultKeys.length > 0)
      return c.json(await exchangeAccountToken(deps, credential, params));
  }
  const known = GRANT_TYPES.find((each) => each === grantType);
  if (!known) {
    throw new OAuthError("unsupported_grant_type", "The grant type is not supported.", { reason: "grant_type" });
  }
  const client = isOfProgram(c, grantType) ? null : authenticationOf(c, "token");
  const dpop = c.req.header("DPoP") ?? null;
  // Every answer carries a nonce for the next proof, even a refusal, since a missing nonce may be why it was refused
  // (RFC 9449 §8.2).
  if (dpop !== null) c.header("DPoP-Nonce", await mintNonce(deps.keys, deps.now()));
  const answer = await (client ? GRANTS[known](deps, client, params, dpop) : grantToWorkload(deps, params, dpop));
  deps.writePoint("issued", [grantType]);
  return c.json(answer);
}

/** Whether a request is from a program without a credential, whose issuer says which machine it is (RFC 7523 §2.1). */
function isOfProgram(c: AppContext, grantType: string): boolean {
  const { values } = c.var.params;
  const hasCredential = c.req.header("Authorization") ?? values.get("client_secret") ?? values.get("client_assertion");
  return grantType === JWT_BEARER_GRANT && hasCredential === undefined && !isAboutPerson(c.var.params);
}
