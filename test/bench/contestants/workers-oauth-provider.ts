import { join } from "node:path";
import { findFreePort } from "../../../src/dev/ports.ts";
import type { Child } from "../child.ts";
import type { StandIns } from "../stand-ins/process.ts";
import { startWorkerd } from "../workerd.ts";
import { CHALLENGE, type Contestant, form, json, REDIRECT_URI, send, toGrant, versionOf } from "./contestant.ts";

/** Cloudflare's own library, with its state in KV and in the same workerd as Gatehouse. */
export async function startWorkersOauthProvider(standIns: Child<StandIns>): Promise<Contestant> {
  const { kvPort } = await standIns.ask("describe");
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const entry = join(import.meta.dirname, "workers-oauth-provider-worker.ts");
  const kv = { binding: "OAUTH_KV", port: kvPort };
  const workerd = await startWorkerd([{ name: "oauth", entry, port, bindings: { ORIGIN: origin }, kv }]);
  const metadata = {
    client_name: "Bench",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const { client_id } = JSON.parse((await send(origin, json("/register", metadata))).text) as { client_id: string };
  const authorization = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    scope: "mcp:tools offline_access",
    resource: `${origin}/mcp`,
    state: "state",
  });
  const authorize = async () => {
    const { text } = await send(origin, { method: "GET", path: `/authorize?${authorization}` });
    const { redirectTo } = JSON.parse(text) as { redirectTo: string };
    return toGrant(new URL(redirectTo).searchParams.get("code") ?? "");
  };
  const atToken = (fields: Record<string, string>) => form("/token", { client_id, ...fields });
  return {
    name: "workers-oauth-provider",
    version: await versionOf("@cloudflare/workers-oauth-provider"),
    origin,
    pid: workerd.pid,
    grant: (count) => Promise.all(Array.from({ length: count }, authorize)),
    calls: {
      exchange: ({ code, verifier, redirectUri }) =>
        atToken({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri }),
      refresh: (token) => atToken({ grant_type: "refresh_token", refresh_token: token }),
      verify: (token) => ({ method: "GET", path: "/mcp", headers: { Authorization: `Bearer ${token}` } }),
      register: () => json("/register", metadata),
      revoke: (token) => atToken({ token, token_type_hint: "refresh_token" }),
    },
    stop: workerd.stop,
  };
}
