import { join } from "node:path";
import { findFreePort } from "../../../src/dev/ports.ts";
import { type Child, startChild } from "../child.ts";
import type { StandIns } from "../stand-ins/process.ts";
import type { BetterAuthProcess } from "./better-auth-process.ts";
import { CHALLENGE, type Contestant, form, json, REDIRECT_URI, send, toGrant, versionOf } from "./contestant.ts";

const PATH = "/api/auth/oauth2";

/**
 * better-auth with its OAuth provider, and with its state in Postgres. Only the client itself may ask about its opaque
 * tokens.
 */
export async function startBetterAuth(standIns: Child<StandIns>): Promise<Contestant> {
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const module = join(import.meta.dirname, "better-auth-process.ts");
  const server = await startChild<BetterAuthProcess>(
    module,
    await standIns.ask("createDatabase", "better_auth"),
    `${port}`,
  );
  const { cookie, client } = await server.ask("setUp");
  const authorization = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    scope: "openid offline_access mcp:tools",
    state: "state",
  });
  const authorize = async () => {
    const { text } = await send(origin, {
      method: "GET",
      path: `${PATH}/authorize?${authorization}`,
      headers: { cookie },
    });
    return toGrant(new URL((JSON.parse(text) as { url: string }).url).searchParams.get("code") ?? "");
  };
  const ask = (endpoint: string, fields: Record<string, string>) =>
    form(`${PATH}/${endpoint}`, { client_id: client.client_id, client_secret: client.client_secret, ...fields });
  return {
    name: "better-auth",
    version: await versionOf("better-auth"),
    origin,
    pid: server.pid,
    grant: (count) => Promise.all(Array.from({ length: count }, authorize)),
    calls: {
      exchange: ({ code, verifier, redirectUri }) =>
        ask("token", { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri }),
      refresh: (token) => ask("token", { grant_type: "refresh_token", refresh_token: token }),
      verify: (token) => ask("introspect", { token, token_type_hint: "access_token" }),
      machine: () => ask("token", { grant_type: "client_credentials", scope: "mcp:tools" }),
      register: () =>
        json(`${PATH}/register`, {
          client_name: "Bench",
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: "none",
        }),
      revoke: (token) => ask("revoke", { token, token_type_hint: "refresh_token" }),
    },
    stop: server.stop,
  };
}
