import { type Answer, noAnswer, textOf } from "../answer.ts";
import { credentialsOf } from "../client-credentials.ts";
import { type Evidence, isSafe, type WalkingClient } from "../evidence.ts";
import type { Prober } from "../prober.ts";
import { initialize } from "../walk-resource.ts";
import type { SignedIn } from "./sign-in.ts";

type Seen = Pick<Evidence, "target" | "resource" | "server"> & { readonly client: WalkingClient | null };
type Fields = Readonly<Record<string, string>>;

export type TokenClient = ReturnType<typeof createTokenClient>;

/** Requests tokens, and remembers each, so that none gets into a report. */
export function createTokenClient({ target, resource, server, client }: Seen, prober: Prober, secrets: string[]) {
  const metadata = server.found?.json ?? null;
  const tokenEndpoint = textOf(metadata, "token_endpoint") ?? "";
  const revocationEndpoint = textOf(metadata, "revocation_endpoint");
  const uri = resource ? (textOf(resource.metadata.found?.json ?? null, "resource") ?? target.href) : null;
  const credentials = client ? credentialsOf(client, metadata) : { fields: {}, headers: {} };
  const redirectUri = client?.redirectUri ?? "";

  const post = async (endpoint: string, fields: Fields): Promise<Answer> => {
    if (!isSafe(endpoint)) return noAnswer(`POST ${endpoint}`, "no token goes over http");
    const body = new URLSearchParams({ ...fields, ...credentials.fields });
    const answer = await prober.send(endpoint, { method: "POST", body, headers: credentials.headers });
    for (const name of ["access_token", "refresh_token", "id_token"]) secrets.push(textOf(answer.json, name) ?? "");
    return answer;
  };
  const call = async (url: URL, token: string | null): Promise<Answer> => {
    // A token with one character changed reveals as much as the original.
    secrets.push(token ?? "");
    if (!resource) return noAnswer("", "there is no MCP server");
    if (!isSafe(url.href)) return noAnswer(`POST ${target}`, "no token goes over http");
    return prober.send(url, initialize(token ? { Authorization: `Bearer ${token}` } : {}));
  };

  return {
    redirectUri,
    canRevoke: revocationEndpoint !== null && resource !== null,
    redeem: ({ returned, verifier }: SignedIn, changed: Fields = {}): Promise<Answer> => {
      const code = returned.params.get("code") ?? "";
      secrets.push(code, verifier);
      return post(tokenEndpoint, {
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        ...(uri ? { resource: uri } : {}),
        ...changed,
      });
    },
    refresh: (token: string, changed: Fields = {}): Promise<Answer> =>
      post(tokenEndpoint, {
        grant_type: "refresh_token",
        refresh_token: token,
        ...(uri ? { resource: uri } : {}),
        ...changed,
      }),
    revoke: (token: string): Promise<Answer> => post(revocationEndpoint ?? "", { token }),
    call: (token: string, at: URL = target): Promise<Answer> => call(at, token),
    callWithQuery: (token: string): Promise<Answer> => {
      const url = new URL(target);
      url.searchParams.set("access_token", token);
      return call(url, null);
    },
  };
}
