import { invalidClient } from "./client-authentication.ts";
import { badProof } from "./dpop.ts";
import { OAuthError } from "./errors.ts";

/** A gate's conditions in the order in which they are reported, each with the error for a request that fails it. */
export type Rules = readonly (readonly [condition: string, refuse: () => OAuthError])[];

/** Names the first condition that failed, or null if all hold. */
export function explainRefusal(rules: Rules, conditions: Readonly<Record<string, boolean | null>>): OAuthError | null {
  const broken = rules.find(([condition]) => conditions[condition] !== true);
  return broken ? broken[1]() : null;
}

/** The error for a request that failed one condition. */
export function refusalFor(rules: Rules, condition: string): OAuthError {
  const rule = rules.find(([name]) => name === condition);
  if (!rule) throw new Error(`there is no rule for ${condition}`);
  return rule[1]();
}

const invalidGrant = (description: string, reason: OAuthError["reason"]) => () =>
  new OAuthError("invalid_grant", description, { reason });
const refusedClient = (reason: OAuthError["reason"]) => () => invalidClient("Client authentication failed.", reason);
const invalidTarget = (description: string) => () =>
  new OAuthError("invalid_target", description, { reason: "resource" });
const otherResource = (what: string) => invalidTarget(`${what} is for another resource.`);

/**
 * The client's identity comes first. An unknown client, a wrong secret and a wrong method all read the same, as
 * `invalid_client`: SDKs register again on that, but throw tokens away on `invalid_grant`.
 */
export const CLIENT_RULES: Rules = [
  ["clientFound", refusedClient("client_unknown")],
  ["clientEnabled", refusedClient("client_disabled")],
  ["clientAuthenticated", refusedClient("bad_credential")],
];

const GRANT_RULES: Rules = [
  ...CLIENT_RULES,
  [
    "grantRegistered",
    () =>
      new OAuthError("unauthorized_client", "The client did not register this grant type.", { reason: "grant_type" }),
  ],
];

const PROOF_RULES: Rules = [
  ["proofFresh", () => badProof("The DPoP proof has been used before.")],
  ["proofSent", () => badProof("The client registered dpop_bound_access_tokens but sent no DPoP proof.")],
];

/** What a token request has to prove beside the client's identity. */
const TOKEN_RULES: Rules = [...GRANT_RULES, ...PROOF_RULES];

/** The owner keeps such clients out. */
const APP_ADMITTED: Rules[number] = [
  "appAdmitted",
  invalidGrant("The owner does not let this client in.", "app_refused"),
];

/**
 * Why a code was refused (OAuth 2.1 §4.1.3). A client without a right to the code must not learn its state, so the
 * verifier is checked before whether the code was spent.
 */
export const CODE_RULES: Rules = [
  ...TOKEN_RULES,
  ["codeFound", invalidGrant("The code is unknown.", "code_unknown")],
  ["verifierMatches", invalidGrant("The code_verifier does not match.", "verifier")],
  ["keyMatches", invalidGrant("The code needs a DPoP proof of the key that dpop_jkt named.", "proof")],
  ["redirectUriMatches", invalidGrant("The redirect_uri does not match.", "redirect_uri")],
  ["codeUnspent", invalidGrant("The code has been used.", "code_replayed")],
  ["codeUnexpired", invalidGrant("The code has expired.", "code_expired")],
  APP_ADMITTED,
  ["userEnabled", invalidGrant("The code is no longer valid.", "user_disabled")],
  ["accessAllowed", invalidGrant("The person may no longer use this resource.", "access_removed")],
  ["resourceMatches", otherResource("The code")],
];

/** Why a refresh token got neither new tokens nor the previous answer again (OAuth 2.1 §4.3). */
export const REFRESH_RULES: Rules = [
  ...TOKEN_RULES,
  ["tokenFound", invalidGrant("The refresh token is unknown.", "token_unknown")],
  [
    "methodSuffices",
    () => invalidClient("The client used a stronger authentication method when it got this token.", "client_method"),
  ],
  ["keyHeld", invalidGrant("The refresh token needs a DPoP proof of the key that it is bound to.", "proof")],
  APP_ADMITTED,
  ["userEnabled", invalidGrant("The refresh token is no longer valid.", "user_disabled")],
  ["familyLive", invalidGrant("The refresh token was revoked.", "family_revoked")],
  ["tokenUnexpired", invalidGrant("The refresh token has expired.", "token_expired")],
  ["resourceMatches", otherResource("The refresh token")],
  [
    "scopesGranted",
    () => new OAuthError("invalid_scope", "The scope goes beyond what was granted.", { reason: "scope" }),
  ],
  ["scopesOffered", invalidGrant("The resource no longer offers anything that was granted.", "scope")],
  ["accessAllowed", invalidGrant("The person may no longer use this resource.", "access_removed")],
  ["tokenUnspent", invalidGrant("The refresh token has been used before.", "token_reused")],
];

/** The refusal of a token that its caller replaced twice, which isn't theft. */
export const supersededToken = invalidGrant("The refresh token has been replaced twice.", "token_superseded");

/** Why a device's poll got no tokens (RFC 8628 §3.5). */
export const DEVICE_RULES: Rules = [
  ...TOKEN_RULES,
  ["codeFound", invalidGrant("The device code is unknown.", "code_unknown")],
  ["resourceMatches", otherResource("The device code")],
  ["codeUnspent", invalidGrant("The device code has been used.", "code_replayed")],
  ["codeNotDenied", () => new OAuthError("access_denied", "The person declined.", { reason: "interaction_required" })],
  ["codeUnexpired", () => new OAuthError("expired_token", "The device code has expired.", { reason: "code_expired" })],
  [
    "appAdmitted",
    () => new OAuthError("access_denied", "The owner does not let this client in.", { reason: "app_refused" }),
  ],
  ["userEnabled", invalidGrant("The device code is no longer valid.", "user_disabled")],
  [
    "accessAllowed",
    () => new OAuthError("access_denied", "The person may not use this resource.", { reason: "access_removed" }),
  ],
  [
    "paced",
    () =>
      new OAuthError("slow_down", "Poll less often: wait five seconds longer between polls.", {
        reason: "rate_limited",
      }),
  ],
  [
    "codeDecided",
    () =>
      new OAuthError("authorization_pending", "The person has not decided yet.", { reason: "interaction_required" }),
  ],
];

/** What is wrong with a request, whichever client makes it. */
const WISH_RULES: Rules = [
  [
    "resourceMatches",
    () => new OAuthError("invalid_target", "The client may not ask for this resource.", { reason: "resource" }),
  ],
  [
    "scopesOffered",
    () => new OAuthError("invalid_scope", "The resource offers none of the requested scopes.", { reason: "scope" }),
  ],
];

/** Why a client got no device code (RFC 8628 §3.1). */
export const REQUEST_RULES: Rules = [...GRANT_RULES, ...WISH_RULES];

/** Why a client got no token in its own name (OAuth 2.1 §4.2). */
export const MACHINE_RULES: Rules = [...TOKEN_RULES, ...WISH_RULES];

const UNTRUSTED = invalidGrant("The issuer of the assertion is not trusted here.", "issuer_unknown");
const SPENT_ASSERTION = invalidGrant("The assertion has been used before.", "assertion_replayed");

/** Why an identity assertion got no tokens (draft-ietf-oauth-identity-assertion-authz-grant §4.4.1). */
export const ASSERTION_RULES: Rules = [
  ...TOKEN_RULES,
  [
    "clientConfidential",
    () =>
      new OAuthError("unauthorized_client", "A public client sends its person to the authorization endpoint.", {
        reason: "client_method",
      }),
  ],
  APP_ADMITTED,
  ["issuerTrusted", UNTRUSTED],
  ["keyMatches", invalidGrant("The assertion takes a DPoP proof of the key that its cnf names.", "proof")],
  ["personKnown", invalidGrant("Nobody here is the subject of the assertion.", "identity_unknown")],
  ["userEnabled", invalidGrant("The subject of the assertion may not use this server.", "user_disabled")],
  ["resourcesOurs", invalidGrant("The assertion is for a resource of another server.", "resource")],
  ...WISH_RULES,
  ["accessAllowed", invalidGrant("The person may not use this resource.", "access_removed")],
  ["assertionUnspent", SPENT_ASSERTION],
];

/** Why a program got no token (RFC 7523 §3.1). */
export const WORKLOAD_RULES: Rules = [
  ["issuerTrusted", UNTRUSTED],
  ["ruleFound", invalidGrant("No rule of this server admits this token.", "workload_unknown")],
  ["clientEnabled", invalidGrant("The machine of this token is blocked.", "client_disabled")],
  ...PROOF_RULES,
  ...WISH_RULES,
  ["assertionUnspent", SPENT_ASSERTION],
];

/**
 * Why a resource gets no token of an account (RFC 8693 §2.2.2) in cases that its person can't fix. Cases that the
 * person can fix are `interaction_required`, with a link.
 */
export const EXCHANGE_RULES: Rules = [
  ["tokenActive", invalidGrant("The subject token is not active here.", "token_unknown")],
  ["personActs", invalidTarget("A client that acts in its own name has no accounts.")],
  ["providerAllowed", invalidTarget("This server may not use accounts at that provider.")],
  ["providerNeeded", invalidTarget("No scope of this token needs that provider.")],
  [
    "scopesNeeded",
    () => new OAuthError("invalid_scope", "That is more than the scopes of this token need.", { reason: "scope" }),
  ],
];
