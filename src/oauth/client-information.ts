import type { ClientMetadata } from "./client-metadata.ts";

/** The answer to a registration (RFC 7591 §3.2.1): the metadata in effect, leaving out members without a value. */
export function clientInformation(
  clientId: string,
  issuedAt: Date,
  metadata: ClientMetadata,
  secret: string | null,
  management: { readonly uri: string; readonly token: string } | null,
): Record<string, unknown> {
  const members = {
    client_id: clientId,
    client_id_issued_at: Math.floor(issuedAt.getTime() / 1000),
    client_secret: secret,
    client_secret_expires_at: secret === null ? null : 0,
    client_name: metadata.name,
    client_uri: metadata.clientUri,
    redirect_uris: metadata.redirectUris,
    grant_types: metadata.grantTypes,
    response_types: metadata.grantTypes.includes("authorization_code") ? ["code"] : [],
    token_endpoint_auth_method: metadata.authenticationMethods[0],
    application_type: metadata.applicationType,
    scope: metadata.scope,
    jwks: metadata.jwks,
    jwks_uri: metadata.jwksUri,
    dpop_bound_access_tokens: metadata.dpopBound || null,
    registration_client_uri: management?.uri ?? null,
    registration_access_token: management?.token ?? null,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
