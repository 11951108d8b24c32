/** The model server's behaviour, of which a test can make one thing wrong. */
export type Rules = {
  /** The name that it uses, by default its origin. */
  readonly issuerSuffix: string;
  /** The path of the MCP server. An empty one is the root. */
  readonly path: "/mcp" | "";
  readonly comparesResourceAsText: boolean;
  readonly takesScripts: boolean;
  readonly keepsSecretsForPublicClients: boolean;
  readonly redirectUris: "exact" | "any loopback port" | "prefix";
  readonly redirectsStrangers: boolean;
  readonly needsChallenge: boolean;
  readonly takesPlain: boolean;
  readonly takesImplicit: boolean;
  readonly pastesState: boolean;
  readonly answersIss: boolean;
  readonly assertionAudiences: "both" | "issuer" | "token endpoint";
  readonly takesGet: boolean;
  readonly checksVerifier: boolean;
  readonly checksRedirectUri: boolean;
  readonly codes: "once" | "once, without revoking" | "for ever";
  readonly refreshTokens: "rotate" | "rotate, and the old one stays" | "stay";
  readonly checksAudience: boolean;
  readonly bindsAudience: boolean;
  readonly revokes: boolean;
  readonly takesTokenInQuery: boolean;
};

/** The right behaviour. */
export const GOOD: Rules = {
  issuerSuffix: "",
  path: "/mcp",
  comparesResourceAsText: false,
  takesScripts: false,
  keepsSecretsForPublicClients: false,
  redirectUris: "any loopback port",
  redirectsStrangers: false,
  needsChallenge: true,
  takesPlain: false,
  takesImplicit: false,
  pastesState: false,
  answersIss: true,
  assertionAudiences: "both",
  takesGet: false,
  checksVerifier: true,
  checksRedirectUri: true,
  codes: "once",
  refreshTokens: "rotate",
  checksAudience: true,
  bindsAudience: true,
  revokes: true,
  takesTokenInQuery: false,
};
