/**
 * The prefix of each kind of token. It keeps one kind from being taken for another, and lets secret scanners recognize
 * them.
 */
export const TOKEN_KIND = {
  accessToken: "gtha",
  authorizationCode: "gthc",
  connectLink: "gthk",
  clientSecret: "gths",
  deviceCode: "gthd",
  initialAccessToken: "gthi",
  introspectionCredential: "gthv",
  providerState: "gthp",
  refreshToken: "gthr",
  registrationAccessToken: "gthm",
  session: "gthn",
  setupLink: "gthl",
} as const;

/** Text that looks like a token: one of ours, or a signed one such as an assertion or an ID token (RFC 7519). */
export const TOKEN_SHAPE = /gth[a-z]+_[\w-]+|\beyJ[\w-]+\.[\w.-]*/;
