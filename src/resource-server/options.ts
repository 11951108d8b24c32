/** How a resource server is set up. */
export type ResourceServerOptions = {
  /** The canonical URI of this MCP server, as clients reach it (RFC 8707 §2). */
  readonly resource: string;
  /** The issuer of the Gatehouse that protects it, without a trailing slash. */
  readonly issuer: string;
  /** What `resource add` printed: the resource's short id and its introspection secret. */
  readonly credential: { readonly id: string; readonly secret: string };
  /** Shown to people by clients (RFC 9728 §2, `resource_name`). */
  readonly name?: string;
  /** The scopes that clients may ask for (RFC 9728 §2, `scopes_supported`). */
  readonly scopes?: readonly string[];
};

/** Who calls, and what they were allowed. */
export type Auth = {
  /** The access token itself. Don't log it and don't pass it on. */
  readonly token: string;
  /** The id of the person at Gatehouse; stable. */
  readonly subject: string;
  readonly username: string | null;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Seconds since 1970. */
  readonly expiresAt: number;
};
