import { guessAppName } from "./app-name.ts";
import { isThumbprint } from "./dpop.ts";
import { OAuthError } from "./errors.ts";
import type { Params } from "./params.ts";
import { isCodeChallenge } from "./pkce.ts";
import { addToRedirectUri, matchesRedirectUri } from "./redirect-uri.ts";
import { requestedResource } from "./resource.ts";
import { grantableScopes, type OfferedScope, parseScope } from "./scope.ts";

declare const proven: unique symbol;

/**
 * Where an answer may be sent. Only `proveTarget` makes one, and `restoreTarget` from a sealed form that carries a
 * proven one, so code can't redirect to an unproven URI.
 */
export type AuthorizationTarget = {
  readonly [proven]: true;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly issuer: string;
};

/** An authorization request that may be shown to the person (RFC 6749 §4.1.1). */
type AuthorizationRequest<Resource> = {
  readonly resource: Resource;
  readonly scopes: readonly string[];
  readonly codeChallenge: string;
  /** The key that has to be proven to redeem the code (RFC 9449 §10). Null if any key or none will do. */
  readonly dpopJkt: string | null;
};

/**
 * Proves that a redirect URI is the client's (OAuth 2.1 §4.1.1). A failure is shown to the person and never redirected:
 * without a known client, there is nobody to tell.
 */
export function proveTarget(
  { values, repeated }: Params,
  client: { readonly redirectUris: readonly string[]; readonly disabled: boolean } | null,
  issuer: string,
): AuthorizationTarget {
  if (repeated.includes("client_id") || repeated.includes("redirect_uri")) {
    throw new OAuthError("invalid_request", "The app sent its identity or its return address twice.");
  }
  if (!client) {
    const name = guessAppName(values.get("redirect_uri") ?? "");
    throw new OAuthError(
      "invalid_request",
      `This server does not know the app that sent you here${name === null ? "" : ` (by its return address, ${name})`}. It was removed here, or it was never connected.`,
      { reason: "client_unknown" },
    );
  }
  if (client.disabled) {
    throw new OAuthError("unauthorized_client", "The app that sent you here is blocked.", {
      reason: "client_disabled",
    });
  }
  const requested = values.get("redirect_uri");
  const only = client.redirectUris.length === 1 ? client.redirectUris[0] : undefined;
  const redirectUri = requested ?? only;
  if (redirectUri === undefined || !client.redirectUris.some((uri) => matchesRedirectUri(redirectUri, uri))) {
    throw new OAuthError("invalid_request", "The app asked to return to an address that it did not register.", {
      reason: "redirect_uri",
    });
  }
  return { redirectUri, state: values.get("state") ?? null, issuer } as AuthorizationTarget;
}

/**
 * Validates the rest of the request. Throws the `OAuthError` that `errorLocation` sends to the client (RFC 6749 §4.1.2.1,
 * RFC 7636 §4.4.1, RFC 8707 §2).
 */
export function readAuthorizationRequest<
  Resource extends { readonly id: string; readonly scopes: readonly OfferedScope[] },
>(
  { values, repeated, resources }: Params,
  resource: Resource | null,
  client: { readonly resourceId: string | null },
): AuthorizationRequest<Resource> {
  if (repeated.length > 0) throw new OAuthError("invalid_request", "A parameter was sent more than once.");
  const responseType = values.get("response_type");
  if (responseType === undefined) throw new OAuthError("invalid_request", "response_type is missing.");
  if (responseType !== "code") throw new OAuthError("unsupported_response_type", "response_type has to be code.");
  if ((values.get("response_mode") ?? "query") !== "query") {
    throw new OAuthError("invalid_request", "response_mode has to be query.");
  }
  const codeChallenge = values.get("code_challenge");
  if (codeChallenge === undefined) throw new OAuthError("invalid_request", "code_challenge is missing (PKCE).");
  if (values.get("code_challenge_method") !== "S256") {
    throw new OAuthError("invalid_request", "code_challenge_method has to be S256. plain is not supported.");
  }
  if (!isCodeChallenge(codeChallenge)) {
    throw new OAuthError("invalid_request", "code_challenge is not the base64url of a SHA-256 digest.");
  }
  const dpopJkt = values.get("dpop_jkt") ?? null;
  if (dpopJkt !== null && !isThumbprint(dpopJkt)) {
    throw new OAuthError("invalid_request", "dpop_jkt is not the base64url of a SHA-256 thumbprint.");
  }
  // Throws if there are several resources, or if one isn't a URL. The resource itself was looked up by the first.
  requestedResource(resources);
  if (!resource || (client.resourceId !== null && client.resourceId !== resource.id)) {
    throw new OAuthError("invalid_target", "The client may not ask for this resource.", { reason: "resource" });
  }
  return {
    resource,
    scopes: grantableScopes(parseScope(values.get("scope")), resource.scopes),
    codeChallenge,
    dpopJkt,
  };
}

/** Where a code is sent (RFC 6749 §4.1.2, with `iss` of RFC 9207 §2). */
export const codeLocation = ({ redirectUri, state, issuer }: AuthorizationTarget, code: string): string =>
  addToRedirectUri(redirectUri, { code, state, iss: issuer });

/** Where an error is sent (RFC 6749 §4.1.2.1, with `iss` of RFC 9207 §2). */
export const errorLocation = ({ redirectUri, state, issuer }: AuthorizationTarget, error: OAuthError): string =>
  addToRedirectUri(redirectUri, { error: error.code, error_description: error.message, state, iss: issuer });

/** The target of a consent form, which was proven when the form was sealed. */
export const restoreTarget = (
  form: { readonly redirectUri: string; readonly state: string | null },
  issuer: string,
): AuthorizationTarget => ({ redirectUri: form.redirectUri, state: form.state, issuer }) as AuthorizationTarget;
