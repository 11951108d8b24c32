import { findUrlProblem } from "../lib/public-url.ts";
import {
  type ClientMetadata,
  type MetadataPolicy,
  readClientMetadata,
  type TokenEndpointAuthMethod,
  withoutEmpty,
} from "./client-metadata.ts";
import { OAuthError } from "./errors.ts";

/** Whether a client id is the URL of a Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document §3). */
export const isDocumentUrl = (clientId: string): boolean => clientId.startsWith("https://");

/** What is wrong with such a URL, or null. It needs a path, and has to be one that may be fetched (§3, §6.5). */
export function findDocumentUrlProblem(clientId: string, ownHost: string): string | null {
  const problem = findUrlProblem(clientId, ownHost);
  if (problem) return problem;
  return new URL(clientId).pathname === "/" ? "has no path" : null;
}

/**
 * Reads a metadata document (§4): it names itself, has a name and redirect URIs, and no shared secret, since a public
 * document can't keep one. A document that lists several methods (ChatGPT) may use any of them.
 */
export function readClientDocument(clientId: string, document: unknown, policy: MetadataPolicy): ClientMetadata {
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw bad("it is not a JSON object");
  const members = withoutEmpty(document) as Readonly<Record<string, unknown>>;
  if (members["client_id"] !== clientId) throw bad("it names another client_id than its own URL");
  if (typeof members["client_name"] !== "string" || members["client_name"].trim() === "")
    throw bad("it has no client_name");
  if ("client_secret" in members || "client_secret_expires_at" in members) throw bad("it has a client_secret");
  const methods = readMethods(members);
  const usesKeys = methods.includes("private_key_jwt");
  const metadata = readClientMetadata(
    { ...members, token_endpoint_auth_method: usesKeys ? "private_key_jwt" : "none" },
    policy,
  );
  return { ...metadata, authenticationMethods: methods };
}

function readMethods(members: Readonly<Record<string, unknown>>): TokenEndpointAuthMethod[] {
  const listed = members["token_endpoint_auth_methods_supported"];
  const single = members["token_endpoint_auth_method"];
  // Leaves out methods that can't be used here. A document that lists none is a public client. A list of unusable
  // methods doesn't make it one.
  const named = Array.isArray(listed) && listed.length > 0 ? [...listed, single] : [single ?? "none"];
  const methods = [...new Set<unknown>(named)].filter((method) => method === "none" || method === "private_key_jwt");
  if (methods.length === 0) {
    throw bad("it asks for an authentication method that a document can't have");
  }
  return methods;
}

const bad = (problem: string) => new OAuthError("invalid_client_metadata", `${problem}.`);
