import { type Answer, textOf } from "./answer.ts";
import { credentialsOf } from "./client-credentials.ts";
import { INSPECTOR_ORIGIN } from "./client-profiles.ts";
import { type Evidence, isSafe, type TokenEvidence, type TokenProbe, type WalkingClient } from "./evidence.ts";
import type { Prober } from "./prober.ts";
import type { Registered } from "./walk-registration.ts";

type Seen = Pick<Evidence, "server" | "issuer"> & {
  readonly client: WalkingClient | null;
  readonly registered: Registered;
};

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Sends the token endpoint what it has to refuse. */
export async function askToken({ server, issuer, client, registered }: Seen, prober: Prober): Promise<TokenEvidence> {
  const probes = new Map<TokenProbe, Answer>();
  const assertions = new Map<"token endpoint" | "issuer", Answer>();
  const endpoint = textOf(server.found?.json ?? null, "token_endpoint");
  if (!endpoint) return { probes, assertions };

  const post = (fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
    prober.send(endpoint, { method: "POST", body: new URLSearchParams(fields), headers });
  const wrongCode = {
    grant_type: "authorization_code",
    code: `doctor-${crypto.randomUUID()}`,
    code_verifier: crypto.randomUUID() + crypto.randomUUID(),
    redirect_uri: client?.redirectUri ?? "https://client.invalid/callback",
  };
  const unknown = `unknown-${crypto.randomUUID()}`;
  probes.set("unknown client", await post({ ...wrongCode, client_id: unknown }));
  // A secret only goes over https, or to this machine.
  if (client && (!client.secret || isSafe(endpoint))) {
    const { fields, headers } = credentialsOf(client, server.found?.json ?? null);
    const good = { ...wrongCode, ...fields };
    probes.set("wrong code", await post(good, headers));
    probes.set("from browser", await post(good, { ...headers, Origin: INSPECTOR_ORIGIN }));
    probes.set("unknown grant", await post({ ...good, grant_type: "urn:gatehouse:doctor:unknown" }, headers));
    // Without the secret, since URLs are logged.
    const query = new URLSearchParams({ ...wrongCode, client_id: client.clientId });
    probes.set("query", await prober.send(`${endpoint}${endpoint.includes("?") ? "&" : "?"}${query}`));
  }
  if (registered.signing) {
    const { clientId, signer } = registered.signing;
    const audiences = [
      ["token endpoint", endpoint],
      ["issuer", textOf(server.found?.json ?? null, "issuer") ?? issuer ?? ""],
    ] as const;
    for (const [name, audience] of audiences) {
      const assertion = await signer.sign(clientId, audience);
      const fields = { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
      assertions.set(name, await post({ ...wrongCode, ...fields }));
    }
  }
  return { probes, assertions };
}
