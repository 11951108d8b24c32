import { createHash, randomUUID } from "node:crypto";
import type { Rules } from "./rules.ts";

export type Grant = { readonly clientId: string; readonly audience: string; readonly scope: string; live: boolean };
type Access = { readonly grant: Grant; readonly audience: string };
type Code = {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly method: string;
  spent: boolean;
};
type Refresh = { readonly grant: Grant; spent: boolean };
type Refusal = { readonly error: string };

/** Everything that the model server has issued, in memory. */
export function createTokens(rules: Rules) {
  const codes = new Map<string, Code>();
  const access = new Map<string, Access>();
  const refresh = new Map<string, Refresh>();

  const issue = (grant: Grant, audience = grant.audience, kept?: string) => {
    const [accessToken, refreshToken] = [`at-${randomUUID()}`, kept ?? `rt-${randomUUID()}`];
    access.set(accessToken, { grant, audience });
    refresh.set(refreshToken, { grant, spent: false });
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: refreshToken,
      scope: grant.scope,
    };
  };
  const audienceOf = (asked: string | null, granted: string): string | null => {
    if (!asked || asked === granted) return granted;
    return rules.bindsAudience ? null : asked;
  };

  const isFor = (code: Code, fields: URLSearchParams, clientId: string): boolean => {
    const isVerified = !rules.checksVerifier || matches(code, fields.get("code_verifier") ?? "");
    const isReturned = !rules.checksRedirectUri || fields.get("redirect_uri") === code.redirectUri;
    return code.grant.clientId === clientId && isVerified && isReturned;
  };

  return {
    issueCode: (code: Omit<Code, "spent">): string => {
      const text = `code-${randomUUID()}`;
      codes.set(text, { ...code, spent: false });
      return text;
    },
    redeem: (fields: URLSearchParams, clientId: string): object | Refusal => {
      const code = codes.get(fields.get("code") ?? "");
      const isReplayed = code?.spent && rules.codes !== "for ever";
      if (code && isReplayed && rules.codes === "once") code.grant.live = false;
      if (!code || isReplayed || !isFor(code, fields, clientId)) return { error: "invalid_grant" };
      code.spent = true;
      return issue(code.grant);
    },
    refresh: (fields: URLSearchParams, clientId: string): object | Refusal => {
      const token = fields.get("refresh_token") ?? "";
      const found = refresh.get(token);
      if (!found?.grant.live || found.grant.clientId !== clientId) return { error: "invalid_grant" };
      const audience = audienceOf(fields.get("resource"), found.grant.audience);
      if (!audience) return { error: "invalid_target" };
      if (found.spent && rules.refreshTokens === "rotate") {
        found.grant.live = false;
        return { error: "invalid_grant" };
      }
      found.spent = true;
      return issue(found.grant, audience, rules.refreshTokens === "stay" ? token : undefined);
    },
    revoke: (token: string): void => {
      const grant = (access.get(token) ?? refresh.get(token))?.grant;
      if (grant && rules.revokes) grant.live = false;
    },
    isGood: (token: string, audience: string): boolean => {
      const found = access.get(token);
      return found?.grant.live === true && (!rules.checksAudience || found.audience === audience);
    },
  };
}

function matches({ challenge, method }: Code, verifier: string): boolean {
  if (challenge === null) return true;
  return challenge === (method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url"));
}
