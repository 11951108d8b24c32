import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { mintToken } from "../../lib/token.ts";
import { unavailable } from "../../lib/unavailable.ts";
import { mintUserCode } from "../../lib/user-code.ts";
import type { ClientAuthentication } from "../../oauth/client-authentication.ts";
import { REQUEST_RULES } from "../../oauth/gate-refusal.ts";
import { DEVICE_CODE_GRANT } from "../../oauth/grant-type.ts";
import type { Params } from "../../oauth/params.ts";
import { requestedResource } from "../../oauth/resource.ts";
import { parseScope } from "../../oauth/scope.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertDeviceCode } from "../../store/device-codes.ts";
import { readClientCredential, refusalOf } from "../client/credential.ts";
import { hashUserCode } from "./user-code.ts";

/** What the device shows and what it polls with (RFC 8628 §3.2). */
type DeviceAuthorizationResponse = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
};

const POLL_SECONDS = 5;
/** How many user codes to try. One of 25 billion is hardly ever taken. */
const TRIES = 3;

/** Begins an authorization on a device that has no browser of its own (RFC 8628 §3.1). */
export async function requestDeviceAuthorization(
  deps: Deps,
  client: ClientAuthentication,
  params: Params,
): Promise<DeviceAuthorizationResponse> {
  const { issuer, lifetimes } = deps.config;
  const request = {
    clientId: client.clientId,
    resourceUri: requestedResource(params.resources),
    scopes: parseScope(params.values.get("scope")),
    credential: await readClientCredential(deps, client),
  };
  const deviceCode = await mintToken(deps.keys, TOKEN_KIND.deviceCode);
  for (let tries = 0; tries < TRIES; tries++) {
    const userCode = mintUserCode();
    const code = {
      digest: await sha256(deviceCode),
      userCodeHash: await hashUserCode(deps.keys.current, userCode),
      lifetimeSeconds: lifetimes.deviceCodeSeconds,
      pollSeconds: POLL_SECONDS,
    };
    const answer = await insertDeviceCode(deps.db, request, code, DEVICE_CODE_GRANT, deps.actor);
    if ("refused" in answer) throw refusalOf(deps, client.clientId, REQUEST_RULES, answer.refused);
    if (!answer.inserted) continue;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${userCode}`,
      expires_in: lifetimes.deviceCodeSeconds,
      interval: POLL_SECONDS,
    };
  }
  throw unavailable("database");
}
