import type { AccountTokens } from "./account-token.ts";

/**
 * Who calls, and what they may do. It fits wherever the MCP SDK takes an `AuthInfo`:
 * `handler.fetch(request, { authInfo: auth })`.
 */
export type Auth = {
  /** The id of the person at Gatehouse; stable. For a machine (client credentials) it is its `clientId`. */
  readonly subject: string;
  /** The person's email address; null for a machine. */
  readonly username: string | null;
  /** The app that calls (RFC 7662 §2.2, `client_id`). */
  readonly clientId: string;
  /** What was granted, and all that it implies by the access table. */
  readonly scopes: string[];
  /** Seconds since 1970 (RFC 7662 §2.2, `exp`). */
  readonly expiresAt: number;
  /** Names the token in logs without giving it away (RFC 7662 §2.2, `jti`). */
  readonly tokenId: string;
  /** The caller's address, where the platform tells it: see the option `address`. */
  readonly address: string | null;
  /**
   * The `tokenId` again, because the SDK wants a string here. The access token itself is not handed out: a server must not
   * pass it on (MCP authorization, token passthrough).
   */
  readonly token: string;
  /**
   * Gives the token of an account that the person has linked: `await auth.accountToken("github")`. What of it a scope needs
   * stands in the access table.
   */
  readonly accountToken: AccountTokens;
  /** The resource that the token is for (RFC 8707). */
  readonly resource: URL;
  /** Where challenges of single tools send the client (RFC 9728 §5.1). */
  readonly resourceMetadataUrl: string;
};
