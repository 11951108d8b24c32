export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** An assertion of a trusted issuer for a token (RFC 7523 §2.1). */
export const JWT_BEARER_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
