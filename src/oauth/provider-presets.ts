import type { ProviderDescription, ProviderScope } from "./provider.ts";

/** What is known in advance about a provider. `{host}` and `{tenant}` stand for values that the owner may set. */
export type ProviderPreset = {
  readonly name: string;
  readonly kind: "openid" | "oauth2";
  readonly issuer: string;
  readonly host: string | null;
  /** What differs if the owner names a host of their own. */
  readonly elsewhere?: Partial<ProviderDescription>;
  readonly description: Partial<ProviderDescription>;
  readonly scopes: readonly ProviderScope[];
  /** The page where the owner creates a client. */
  readonly registerAt: string;
  /** What the owner should know about this provider's quirks. */
  readonly oddity: string;
};

const scope = (name: string, description: string, broad = false): ProviderScope => ({ name, description, broad });

export const PROVIDER_PRESETS: Readonly<Record<string, ProviderPreset>> = {
  github: {
    name: "GitHub",
    kind: "oauth2",
    issuer: "{host}/login/oauth",
    host: "https://github.com",
    description: {
      authorizationEndpoint: "{host}/login/oauth/authorize",
      tokenEndpoint: "{host}/login/oauth/access_token",
      userEndpoint: "https://api.github.com/user",
      emailsEndpoint: "https://api.github.com/user/emails",
      revocationEndpoint: "https://api.github.com/applications/{client_id}/token",
      authentication: "client_secret_post",
      signInScopes: ["read:user", "user:email"],
      accountScopes: ["read:user"],
      userMembers: { subject: "id", label: "login", email: null },
      revocation: "github",
    },
    elsewhere: {
      userEndpoint: "{host}/api/v3/user",
      emailsEndpoint: "{host}/api/v3/user/emails",
      revocationEndpoint: "{host}/api/v3/applications/{client_id}/token",
    },
    scopes: [
      scope("read:user", "Read your profile"),
      scope("user:email", "Read your email addresses"),
      scope("read:org", "Read which organizations and teams you are in"),
      scope("public_repo", "Read and write your public repositories", true),
      scope("repo", "Read and write all your repositories, private ones too", true),
      scope("notifications", "Read your notifications"),
      scope("gist", "Write gists"),
    ],
    registerAt: "https://github.com/settings/developers",
    oddity:
      "The tokens of an OAuth app never expire, and there are no refresh tokens. Those of a GitHub App expire after 8 hours, and its refresh tokens rotate. Errors come with status 200.",
  },
  google: {
    name: "Google",
    kind: "openid",
    issuer: "https://accounts.google.com",
    host: null,
    description: {
      signInScopes: ["openid", "email"],
      accountScopes: ["openid", "email"],
      // Without both, Google gives a refresh token only the first time, or never.
      authorizeParams: { access_type: "offline", prompt: "consent", include_granted_scopes: "true" },
      userMembers: { subject: "sub", label: "email", email: "email" },
      revocation: "rfc7009",
    },
    scopes: [
      scope("https://www.googleapis.com/auth/calendar.readonly", "Read your calendars"),
      scope("https://www.googleapis.com/auth/calendar.events", "Read and write events of your calendars"),
      scope("https://www.googleapis.com/auth/drive.file", "Use the files in your Drive that you opened with this app"),
      scope("https://www.googleapis.com/auth/drive.readonly", "Read all files in your Drive", true),
      scope("https://www.googleapis.com/auth/gmail.readonly", "Read all your mail", true),
    ],
    registerAt: "https://developers.google.com/identity/protocols/oauth2",
    oddity: "Google gives a refresh token only with access_type=offline and prompt=consent, which Gatehouse sends.",
  },
  microsoft: {
    name: "Microsoft",
    kind: "openid",
    issuer: "https://login.microsoftonline.com/{tenant}/v2.0",
    host: null,
    description: {
      signInScopes: ["openid", "profile", "email"],
      accountScopes: ["openid", "profile", "offline_access"],
      authentication: "client_secret_post",
      // It lists the claim, and gives it only if the app's registration asks for it.
      tellsSignInTime: false,
      userMembers: { subject: "sub", label: "preferred_username", email: null },
      revocation: "none",
    },
    scopes: [
      scope("User.Read", "Read your profile"),
      scope("Calendars.Read", "Read your calendars"),
      scope("Mail.Read", "Read all your mail", true),
      scope("Files.Read", "Read your files"),
      scope("Files.ReadWrite.All", "Read and write all files that you have access to", true),
    ],
    registerAt: "https://entra.microsoft.com",
    oddity:
      "Name your tenant, since the shared ones have a different issuer for each tenant. An address in an ID token isn't proven to be the person's, so only the rule subject: admits anybody. Tokens can't be revoked there.",
  },
  gitlab: {
    name: "GitLab",
    kind: "openid",
    issuer: "{host}",
    host: "https://gitlab.com",
    description: {
      signInScopes: ["openid", "email"],
      accountScopes: ["openid"],
      userMembers: { subject: "sub", label: "nickname", email: "email" },
      revocation: "rfc7009",
    },
    scopes: [
      scope("read_user", "Read your profile"),
      scope("read_api", "Read all that you can see there", true),
      scope("read_repository", "Read your repositories"),
      scope("api", "Do all that you can do there", true),
    ],
    registerAt: "https://gitlab.com/-/user_settings/applications",
    oddity: "Access tokens expire after 2 hours, and refresh tokens rotate. For your own GitLab server, name its host.",
  },
  slack: {
    name: "Slack",
    kind: "oauth2",
    issuer: "https://slack.com",
    host: null,
    description: {
      authorizationEndpoint: "https://slack.com/oauth/v2/authorize",
      tokenEndpoint: "https://slack.com/api/oauth.v2.access",
      userEndpoint: "https://slack.com/api/auth.test",
      authentication: "client_secret_post",
      scopeParameter: "user_scope",
      scopeSeparator: ",",
      tokenMember: "authed_user",
      userMembers: { subject: "user_id", label: "user", email: null },
    },
    scopes: [
      scope("channels:read", "See the public channels of your workspace"),
      scope("channels:history", "Read messages in public channels"),
      scope("search:read", "Search all that you can read", true),
      scope("chat:write", "Write messages as you"),
    ],
    registerAt: "https://api.slack.com/apps",
    oddity: "The person's own token is in `authed_user`, and `user_scope` requests it. Errors come with status 200.",
  },
  linear: {
    name: "Linear",
    kind: "oauth2",
    issuer: "https://linear.app",
    host: null,
    description: {
      authorizationEndpoint: "https://linear.app/oauth/authorize",
      tokenEndpoint: "https://api.linear.app/oauth/token",
      revocationEndpoint: "https://api.linear.app/oauth/revoke",
      userEndpoint: "https://api.linear.app/graphql",
      userQuery: "{ viewer { id name } }",
      authentication: "client_secret_post",
      authorizeParams: { prompt: "consent" },
      accountScopes: ["read"],
      scopeSeparator: ",",
      userMembers: { subject: "data.viewer.id", label: "data.viewer.name", email: null },
      revocation: "rfc7009",
    },
    scopes: [
      scope("read", "Read your workspace"),
      scope("issues:create", "Create issues"),
      scope("comments:create", "Write comments"),
      scope("write", "Write all that you can write there", true),
    ],
    registerAt: "https://linear.app/settings/api",
    oddity: "Scopes are separated by commas, and only GraphQL says who somebody is.",
  },
};

/** Fills `{host}`, `{tenant}` and `{client_id}` in. */
export const fillIn = <T>(value: T, names: Readonly<Record<string, string>>): T =>
  JSON.parse(
    JSON.stringify(value).replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      names[name] === undefined ? whole : JSON.stringify(names[name]).slice(1, -1),
    ),
  );
