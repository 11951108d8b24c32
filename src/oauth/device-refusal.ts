import { type ClientStanding, explainClientRefusal } from "./client-refusal.ts";
import { OAuthError } from "./errors.ts";

export type DeviceStanding = ClientStanding & {
  readonly codeFound: boolean;
  readonly decision: "allowed" | "denied" | null;
  readonly spent: boolean;
  readonly overtaken: boolean;
  readonly expired: boolean;
  readonly tooSoon: boolean;
  readonly userDisabled: boolean;
  readonly resourceMatches: boolean;
};

/** Why a poll got no tokens. A replay is a second redemption that would have been valid, and is no poll overtaken by another. */
export type DeviceRefusal = { readonly error: OAuthError; readonly isReplay: boolean };

/** Names the reason why a device's poll got no tokens (RFC 8628 §3.5), or null if none is left: a race that ended. */
export function explainDeviceRefusal(code: DeviceStanding): DeviceRefusal | null {
  const refuse = (error: OAuthError) => ({ error, isReplay: false });
  const client = explainClientRefusal(code);
  if (client) return refuse(client);
  if (!code.codeFound) return refuse(invalidGrant("The device code is unknown.", "code_unknown"));
  if (!code.resourceMatches) {
    return refuse(new OAuthError("invalid_target", "The device code is for another resource.", { reason: "resource" }));
  }
  if (code.spent) {
    return { error: invalidGrant("The device code has been used.", "code_replayed"), isReplay: !code.overtaken };
  }
  if (code.decision === "denied") {
    return refuse(new OAuthError("access_denied", "The person said no.", { reason: "interaction_required" }));
  }
  if (code.expired) {
    return refuse(new OAuthError("expired_token", "The device code has expired.", { reason: "code_expired" }));
  }
  if (code.userDisabled) return refuse(invalidGrant("The device code is no longer valid.", "user_disabled"));
  if (code.decision === null) return refuse(pending(code.tooSoon));
  return null;
}

const pending = (tooSoon: boolean) =>
  tooSoon
    ? new OAuthError("slow_down", "Poll less often: five seconds more between two polls.", { reason: "rate_limited" })
    : new OAuthError("authorization_pending", "The person has not decided yet.", { reason: "interaction_required" });

const invalidGrant = (description: string, reason: OAuthError["reason"]) =>
  new OAuthError("invalid_grant", description, { reason });
