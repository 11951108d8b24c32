/** The prefix of each kind of token, so that one is never taken for another and secret scanners know them. */
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
