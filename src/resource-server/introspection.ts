import { callGatehouse } from "./gatehouse-call.ts";
import type { Settings } from "./options.ts";

/** A token that is good here. */
export type ActiveToken = {
  readonly tokenId: string;
  readonly subject: string;
  readonly username: string | null;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** The thumbprint of the key that a request with it has to prove (RFC 9449 §6). Null for a bearer token. */
  readonly jkt: string | null;
};

/** What introspection says about a token. `unavailable` if Gatehouse couldn't be asked. */
export type Verification = ActiveToken | "invalid" | "unavailable";

/** Asks Gatehouse whether a token is good here (RFC 7662 §2). */
export async function introspectToken(settings: Settings, token: string): Promise<Verification> {
  const { id, secret } = settings.credential;
  const answer = await callGatehouse(settings, {
    path: "/introspect",
    body: new URLSearchParams({ token }),
    overBinding: (binding) => binding.introspect({ id, secret, token }),
  });
  return answer === null ? "unavailable" : readAnswer(settings, answer);
}

/**
 * Gatehouse only tells a resource about its own tokens, but the audience is compared here again. An answer that
 * Gatehouse wouldn't give says nothing about the token, so its client should keep it.
 */
function readAnswer({ canonical, issuer }: Settings, answer: Readonly<Record<string, unknown>>): Verification {
  const { active, sub, client_id, scope, exp, aud, iss, jti, username, token_type, cnf } = answer;
  const jkt = (cnf as { readonly jkt?: unknown } | undefined)?.jkt ?? null;
  if (active === false) return "invalid";
  if (active !== true || iss !== issuer || token_type !== (jkt === null ? "Bearer" : "DPoP"))
    return misunderstood(String(iss));
  if (jkt !== null && typeof jkt !== "string") return misunderstood(String(iss));
  if (typeof sub !== "string" || typeof client_id !== "string" || typeof exp !== "number" || typeof jti !== "string") {
    return misunderstood(String(iss));
  }
  if (aud !== canonical) return "invalid";
  return {
    tokenId: jti,
    subject: sub,
    username: typeof username === "string" ? username : null,
    clientId: client_id,
    scopes: typeof scope === "string" ? scope.split(" ").filter((name) => name !== "") : [],
    expiresAt: exp,
    jkt,
  };
}

const misunderstood = (issuer: string): Verification => {
  console.error(`gatehouse: /introspect: not an answer of the issuer that is set; it says it is ${issuer}`);
  return "unavailable";
};
