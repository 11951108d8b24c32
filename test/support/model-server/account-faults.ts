import type { Fault } from "./fault.ts";

/** Faults that only a signed-in person can see. */
export const ACCOUNT_FAULTS: readonly Fault[] = [
  {
    with: "that takes any verifier",
    check: "account-verifier",
    changes: { rules: { checksVerifier: false } },
  },
  {
    with: "that forgets the redirect URI",
    check: "account-redirect-uri",
    changes: { rules: { checksRedirectUri: false } },
  },
  {
    with: "whose codes are good for ever",
    check: "account-code-replay",
    also: ["account-code-replay-revokes"],
    changes: { rules: { codes: "for ever" } },
  },
  {
    with: "that keeps what a replayed code got",
    check: "account-code-replay-revokes",
    changes: { rules: { codes: "once, without revoking" } },
  },
  {
    with: "that doesn't rotate",
    check: "account-rotation",
    also: ["account-refresh-reuse"],
    changes: { rules: { refreshTokens: "stay" } },
  },
  {
    with: "that takes a spent refresh token",
    check: "account-refresh-reuse",
    changes: { rules: { refreshTokens: "rotate, and the old one stays" } },
  },
  {
    with: "that takes any server's tokens",
    check: "account-audience",
    changes: { rules: { bindsAudience: false, checksAudience: false } },
  },
  { with: "that forgets to revoke", check: "account-revocation", changes: { rules: { revokes: false } } },
  { with: "that takes tokens in the query", check: "account-query", changes: { rules: { takesTokenInQuery: true } } },
];
