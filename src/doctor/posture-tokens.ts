import { textOf } from "./answer.ts";
import type { Evidence } from "./evidence.ts";
import type { Reason } from "./posture.ts";

const DAY = 86_400;
/** Claims that reveal who somebody is to anybody who sees the token. */
const PERSONAL = ["email", "name", "given_name", "family_name", "phone_number", "address", "birthdate"];

/** How long a token lives and what it reveals, which is what can be seen from outside. */
export function judgeTokens({ account, server }: Evidence): readonly Reason[] {
  const revocable: Reason = textOf(server.found?.json ?? null, "revocation_endpoint")
    ? { grade: "A", because: "There is a revocation endpoint" }
    : { grade: "C", because: "There is no revocation endpoint, so a removed app can't end its tokens" };
  const answer = account?.answers.get("exchange")?.json;
  const token = textOf(answer ?? null, "access_token");
  if (!answer || !token) return server.found ? [revocable] : [];
  return [revocable, judgeLifetime(Number(answer["expires_in"])), ...judgeFormat(token)];
}

function judgeLifetime(seconds: number): Reason {
  if (!Number.isFinite(seconds) || seconds <= 0) return { grade: "C", because: "Nobody says how long a token lives" };
  return seconds > DAY
    ? { grade: "C", because: `Access tokens live for ${Math.round(seconds / DAY)} days` }
    : { grade: "A", because: `Access tokens live for ${Math.round(seconds / 60)} minutes` };
}

/**
 * Opaque tokens reveal nothing. A JWT (RFC 7519) can be read by anybody who sees it, and lives until it expires unless
 * it is looked up.
 */
function judgeFormat(token: string): readonly Reason[] {
  const [header, claims] = token.split(".").slice(0, 2).map(decode);
  if (!header || !claims) return [{ grade: "A", because: "Access tokens are opaque" }];
  const reasons: Reason[] = [{ grade: "A", because: "Access tokens are JWTs" }];
  if (String(header["alg"]).toLowerCase() === "none")
    reasons.push({ grade: "F", because: "Access tokens are unsigned JWTs" });
  const told = PERSONAL.filter((claim) => claim in claims);
  if (told.length > 0)
    reasons.push({ grade: "C", because: `Access tokens reveal ${told.join(" and ")} to anybody who sees them` });
  if (!("aud" in claims)) reasons.push({ grade: "C", because: "Access tokens are JWTs without an audience" });
  return reasons;
}

function decode(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
