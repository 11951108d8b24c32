import type { Auth, ResourceServerOptions } from "./options.ts";

const TIMEOUT_MS = 5000;
const ATTEMPTS = 2;

/** What the authorization server said of a token; `unavailable` if it could not be asked. */
export type Verification = { readonly auth: Auth | null } | "unavailable";

/** Asks Gatehouse whether a token is good here (RFC 7662 §2). The audience is checked on this side too. */
export async function introspectToken(options: ResourceServerOptions, token: string): Promise<Verification> {
  const answer = await ask(options, token);
  if (answer === null) return "unavailable";
  const { active, sub, client_id, scope, exp, aud, username } = answer;
  if (active !== true || typeof sub !== "string" || typeof client_id !== "string" || typeof exp !== "number") {
    return { auth: null };
  }
  if (typeof aud !== "string" || withoutSlash(aud) !== withoutSlash(new URL(options.resource).href))
    return { auth: null };
  return {
    auth: {
      token,
      subject: sub,
      username: typeof username === "string" ? username : null,
      clientId: client_id,
      scopes: typeof scope === "string" ? scope.split(" ").filter((name) => name !== "") : [],
      expiresAt: exp,
    },
  };
}

const withoutSlash = (uri: string): string => uri.replace(/\/$/, "");

async function ask(options: ResourceServerOptions, token: string): Promise<Record<string, unknown> | null> {
  const { issuer, credential } = options;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(`${issuer}/introspect`, {
        method: "POST",
        headers: {
          Authorization: `Basic ${btoa(`${credential.id}:${credential.secret}`)}`,
          Accept: "application/json",
        },
        body: new URLSearchParams({ token }),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return (await response.json()) as Record<string, unknown>;
      if (response.status === 401) {
        console.error("gatehouse: the introspection credential of this resource was refused");
        return null;
      }
    } catch {
      // Unreachable, too slow, or not JSON: tried once more.
    }
  }
  return null;
}
