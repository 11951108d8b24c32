import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { oauthProvider } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { Pool } from "pg";
import { answerParent } from "../child.ts";
import { REDIRECT_URI } from "./contestant.ts";

const [, , databaseUrl = "", port = "0"] = process.argv;
const baseURL = `http://localhost:${port}`;

/**
 * Set up as its documentation does, with opaque access tokens, so that a revoked one is dead at once, like the others'
 * tokens.
 */
const options = {
  baseURL,
  secret: "a secret of thirty-two characters or more",
  database: new Pool({ connectionString: databaseUrl, max: 20 }),
  emailAndPassword: { enabled: true },
  logger: { disabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  plugins: [
    oauthProvider({
      loginPage: "/login",
      consentPage: "/consent",
      disableJwtPlugin: true,
      clientPrivileges: async () => true,
      allowDynamicClientRegistration: true,
      allowUnauthenticatedClientRegistration: true,
      scopes: ["openid", "offline_access", "mcp:tools"],
      silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
    }),
  ],
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);

const server = createServer(toNodeHandler(auth));
server.keepAliveTimeout = 0;
await new Promise<void>((resolve) => server.listen(Number(port), "127.0.0.1", resolve));

const methods = {
  describe: async () => (server.address() as AddressInfo).port,
  /** A signed-in person, and a client that needs no consent, since its pages aren't measured. */
  setUp: async () => {
    const person = { email: "person@example.com", password: "Correct horse 1", name: "Person" };
    const { headers } = await auth.api.signUpEmail({ body: person, returnHeaders: true });
    const cookie = headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; ");
    const body = {
      client_name: "Bench",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      token_endpoint_auth_method: "client_secret_post",
      scope: "openid offline_access mcp:tools",
      skip_consent: true,
      client_credentials_scopes: ["mcp:tools"],
    } as const;
    const client = await auth.api.adminCreateOAuthClient({ body: body as never, headers: new Headers({ cookie }) });
    return { cookie, client: client as unknown as { client_id: string; client_secret: string } };
  },
};

export type BetterAuthProcess = typeof methods;

answerParent(methods);
