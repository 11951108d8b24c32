import { type Answer, textsOf } from "./answer.ts";
import type { ClientProfile } from "./client-profiles.ts";

/**
 * The authentication methods of the token endpoint. A server that lists none accepts `client_secret_basic` (RFC 8414
 * §2).
 */
export const authMethods = (metadata: Answer["json"]): readonly string[] =>
  textsOf(metadata, "token_endpoint_auth_methods_supported") ?? ["client_secret_basic"];

export const takesDocuments = (metadata: Answer["json"]): boolean =>
  metadata?.["client_id_metadata_document_supported"] === true;

/** Whether a client uses its metadata document at a server with this metadata, instead of registering. */
export const usesDocument = (profile: ClientProfile, metadata: Answer["json"]): boolean =>
  profile.document !== null &&
  takesDocuments(metadata) &&
  (!profile.documentNeedsNone || authMethods(metadata).includes("none"));
