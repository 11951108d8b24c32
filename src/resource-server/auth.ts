import type { AccountTokens } from "./account-token.ts";

/**
 * Who calls, and what they may do. It can be passed wherever the MCP SDK takes an `AuthInfo`: `handler.fetch(request, {
 * authInfo: auth })`.
 */
export type Auth = {
  /** The stable id of the person at Gatehouse. For a machine (client credentials), its `clientId`. */
  readonly subject: string;
  /** The person's email address. Null for a machine. */
  readonly username: string | null;
  /** The app that calls (RFC 7662 §2.2, `client_id`). */
  readonly clientId: string;
  /** The granted scopes, with everything that they imply by the access table. */
  readonly scopes: string[];
  /** Seconds since 1970 (RFC 7662 §2.2, `exp`). */
  readonly expiresAt: number;
  /** Identifies the token in logs without revealing it (RFC 7662 §2.2, `jti`). */
  readonly tokenId: string;
  /** The caller's address, if the platform knows it, see the option `address`. */
  readonly address: string | null;
  /**
   * The `tokenId` again, because the SDK wants a string here. The access token itself isn't available, since a server
   * must not pass it on (MCP authorization, token passthrough).
   */
  readonly token: string;
  /**
   * Returns the token of an account that the person has linked: `await auth.accountToken("github")`. The access table
   * says what each scope needs of it.
   */
  readonly accountToken: AccountTokens;
  /** The resource that the token is for (RFC 8707). */
  readonly resource: URL;
  /** Where challenges of single tools send the client (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string;
};
