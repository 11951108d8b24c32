import { ID_JAG_PROFILE } from "./assertion-grant.ts";
import { ASSERTION_ALGORITHMS } from "./client-assertion.ts";
import { DPOP_ALGORITHMS } from "./dpop.ts";
import { GRANT_TYPES, JWT_BEARER_GRANT } from "./grant-type.ts";
import { TOKEN_EXCHANGE_GRANT } from "./token-exchange.ts";

/** The parts of the configuration that the metadata document publishes. */
type MetadataFacts = {
  readonly issuer: string;
  /** The scopes that resources offer. */
  readonly scopes: readonly string[];
  readonly offersRegistration: boolean;
  /** Whether resources can get tokens of accounts that people have linked. */
  readonly offersTokenExchange: boolean;
  /** Whether an issuer is trusted, and one that vouches for people. Which ones is nobody's business. */
  readonly takesAssertions: boolean;
  readonly takesIdentityAssertions: boolean;
};

const CLIENT_AUTHENTICATION_METHODS = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];

/** The authorization server metadata document (RFC 8414 §2). It lists only what works. */
export const authorizationServerMetadata = ({
  issuer,
  scopes,
  offersRegistration,
  offersTokenExchange,
  takesAssertions,
  takesIdentityAssertions,
}: MetadataFacts) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  device_authorization_endpoint: `${issuer}/device_authorization`,
  ...(offersRegistration ? { registration_endpoint: `${issuer}/register` } : {}),
  revocation_endpoint: `${issuer}/revoke`,
  introspection_endpoint: `${issuer}/introspect`,
  service_documentation: `${issuer}/`,
  scopes_supported: [...new Set([...scopes, "offline_access"])],
  response_types_supported: ["code"],
  response_modes_supported: ["query"],
  grant_types_supported: [
    ...GRANT_TYPES.filter((grantType) => takesAssertions || grantType !== JWT_BEARER_GRANT),
    ...(offersTokenExchange ? [TOKEN_EXCHANGE_GRANT] : []),
  ],
  ...(takesIdentityAssertions ? { authorization_grant_profiles_supported: [ID_JAG_PROFILE] } : {}),
  token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
  token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
  revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "Bearer"],
  code_challenge_methods_supported: ["S256"],
  dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
});
