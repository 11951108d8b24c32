export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** An assertion of a trusted issuer for a token (RFC 7523 §2.1). */
export const JWT_BEARER_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/**
 * The grants that clients register for (RFC 7591 §2), and whoever may register a client for each. Servers register for
 * nothing, so their token exchange isn't among them.
 */
const REGISTRABLE = {
  authorization_code: "anybody",
  refresh_token: "anybody",
  client_credentials: "owner",
  [DEVICE_CODE_GRANT]: "anybody",
  [JWT_BEARER_GRANT]: "anybody",
} as const satisfies Record<string, "anybody" | "owner">;

export type GrantType = keyof typeof REGISTRABLE;

export const GRANT_TYPES = Object.keys(REGISTRABLE) as GrantType[];

/** The grants that a client may register for. */
export const offeredGrantTypes = (byOwner: boolean): readonly GrantType[] =>
  GRANT_TYPES.filter((grantType) => byOwner || REGISTRABLE[grantType] === "anybody");
