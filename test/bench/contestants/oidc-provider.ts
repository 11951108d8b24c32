import { join } from "node:path";
import { findFreePort } from "../../../src/dev/ports.ts";
import { type Child, startChild } from "../child.ts";
import type { StandIns } from "../stand-ins/process.ts";
import { basic, type Contestant, form, json, REDIRECT_URI, send, toGrant, versionOf } from "./contestant.ts";
import type { OidcProviderProcess } from "./oidc-provider-process.ts";

type Registered = { readonly client_id: string; readonly client_secret: string };

/** The certified server for Node, with its state in Postgres. */
export async function startOidcProvider(standIns: Child<StandIns>): Promise<Contestant> {
  const port = await findFreePort();
  const origin = `http://localhost:${port}`;
  const module = join(import.meta.dirname, "oidc-provider-process.ts");
  const server = await startChild<OidcProviderProcess>(
    module,
    await standIns.ask("createDatabase", "oidc_provider"),
    `${port}`,
  );
  await server.ask("describe");
  const metadata = {
    client_name: "Bench",
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  const register = async (body: object) => JSON.parse((await send(origin, json("/reg", body))).text) as Registered;
  const { client_id } = await register(metadata);
  const machine = await register({
    redirect_uris: [],
    response_types: [],
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "client_secret_basic",
  });
  const asMachine = basic(machine.client_id, machine.client_secret);
  const atToken = (fields: Record<string, string>) => form("/token", { client_id, ...fields });
  return {
    name: "oidc-provider",
    version: await versionOf("oidc-provider"),
    origin,
    pid: server.pid,
    grant: async (count) => (await server.ask("grant", client_id, count)).map(toGrant),
    calls: {
      exchange: ({ code, verifier, redirectUri }) =>
        atToken({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirectUri }),
      refresh: (token) => atToken({ grant_type: "refresh_token", refresh_token: token }),
      verify: (token) => form("/token/introspection", { token }, asMachine),
      machine: () => form("/token", { grant_type: "client_credentials" }, asMachine),
      register: () => json("/reg", metadata),
      revoke: (token) => form("/token/revocation", { client_id, token }),
    },
    stop: server.stop,
  };
}
