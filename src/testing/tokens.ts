import type { AdminDeps } from "../flows/admin/admin-deps.ts";
import { createClient } from "../flows/admin/create-client.ts";
import { setUserStatus } from "../flows/admin/status.ts";
import type { SessionKey } from "../store/actor.ts";
import { allow, registerApp, signInPerson } from "./consent.ts";
import type { TokenRequest, Tokens } from "./types.ts";

type Credential = { readonly client_id: string; readonly client_secret?: string };

/** The people and apps that tests have named, and their tokens. */
export function createTokens(deps: AdminDeps, issuer: string) {
  const sessions = new Map<string, Promise<SessionKey>>();
  const apps = new Map<string, Promise<Credential>>();
  const holders = new Map<string, Credential>();

  const ask = async (endpoint: "token" | "revoke", fields: Readonly<Record<string, string>>): Promise<Response> => {
    const response = await fetch(`${issuer}/${endpoint}`, { method: "POST", body: new URLSearchParams(fields) });
    if (!response.ok) throw new Error(`Gatehouse answered ${response.status}: ${await response.text()}`);
    return response;
  };

  const keep = async (credential: Credential, response: Response): Promise<Tokens> => {
    const tokens = (await response.json()) as Tokens;
    holders.set(tokens.access_token, credential);
    return tokens;
  };

  const forPerson = async (person: string, client: string, resource: string, scopes: readonly string[] | null) => {
    const session = await remember(sessions, person, () => signInPerson(deps, person));
    const app = await remember(apps, client, async () => ({ client_id: await registerApp(deps, client) }));
    const grant = await allow(deps, session, { clientId: app.client_id, resource, scopes });
    return keep(app, await ask("token", { ...grant, ...app, resource }));
  };

  const forMachine = async (client: string, resource: string, scopes: readonly string[]) => {
    const scope = scopes.join(" ");
    const machine = await remember(apps, JSON.stringify([client, resource, scope]), async () => {
      const metadata = { client_name: client, grant_types: ["client_credentials"], scope };
      const created = await createClient(deps, metadata, [], resource);
      if ("problem" in created) throw new Error(created.problem);
      return { client_id: created.clientId, client_secret: created.clientSecret ?? "" };
    });
    return keep(machine, await ask("token", { grant_type: "client_credentials", ...machine, resource, scope }));
  };

  return {
    issue: (resource: string, defaults: readonly string[], { person, client = "Test app", scopes }: TokenRequest) =>
      person === undefined
        ? forMachine(client, resource, scopes ?? defaults)
        : forPerson(person, client, resource, scopes ?? null),
    revoke: async ({ access_token, refresh_token }: Tokens): Promise<void> => {
      const credential = holders.get(access_token);
      if (!credential) throw new Error("These tokens are not of this Gatehouse.");
      await ask("revoke", { token: refresh_token ?? access_token, ...credential });
    },
    disable: async (person: string): Promise<void> => {
      const outcome = await setUserStatus(deps, person, "disable");
      if ("problem" in outcome) throw new Error(outcome.problem);
    },
  };
}

/** Parallel tests that name the same one wait for the first. */
function remember<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const found = kept.get(name) ?? make();
  kept.set(name, found);
  return found;
}
