import { readJti, readLifetime, singleAudience, typeOf } from "./assertion-grant.ts";
import { isSharedIssuer } from "./trusted-issuer.ts";

/** Which programs of an issuer a rule admits: an audience, and a pattern for each claim that it names. */
type WorkloadPattern = { readonly audience: string; readonly claims: Readonly<Record<string, string>> };

const MOST_CLAIMS = 10;
const MOST_LETTERS = 256;

/**
 * Whether a text is as a pattern says, in which `*` stands for any run of characters and nothing else for more than itself. Each part
 * between stars is looked for once, from the left, so that no pattern takes longer than its text.
 */
function matchesPattern(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of others) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= text.length - last.length;
}

/** Whether a token's claims are as a rule says. A list or an object is as no pattern says. */
export const matchesRule = ({ audience, claims }: WorkloadPattern, token: Readonly<Record<string, unknown>>): boolean =>
  singleAudience(token["aud"]) === audience &&
  Object.entries(claims).every(([name, pattern]) => {
    const value = Object.hasOwn(token, name) ? token[name] : null;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return false;
    const text = String(value);
    return text.length <= 1000 && matchesPattern(pattern, text);
  });

/**
 * What a claim has to say up to its first star, so that a rule is about one owner at an issuer that signs for the world: `acme/` of
 * `acme/*`. A star before that would admit whoever takes a name that begins alike.
 */
const PINS: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  "https://token.actions.githubusercontent.com": {
    sub: /^repo:[^/:*]+\//,
    repository: /^[^/*]+\//,
    repository_id: /^\d+$/,
    repository_owner: /^[^/*]+$/,
    repository_owner_id: /^\d+$/,
  },
  "https://gitlab.com": {
    sub: /^project_path:[^/:*]+\//,
    project_path: /^[^/*]+\//,
    project_id: /^\d+$/,
    namespace_path: /^[^*]+$/,
    namespace_id: /^\d+$/,
  },
};
/** Of other shared issuers, the subject alone says whose it is. */
const SUBJECT_ALONE: Readonly<Record<string, RegExp>> = { sub: /^[^*]+$/ };

type RuleProblem = { readonly problem: string; readonly field: "audience" | "claims" };

/** What is wrong with a rule for an issuer, in a sentence, or null. */
export function findRuleProblem(issuer: string, { audience, claims }: WorkloadPattern): RuleProblem | null {
  const named = Object.entries(claims);
  if (audience === "" || audience.length > 500 || audience.includes("*"))
    return { problem: "The audience is one name, without a star.", field: "audience" };
  if (named.length > MOST_CLAIMS) return { problem: `A rule has ${MOST_CLAIMS} claims at most.`, field: "claims" };
  const odd = named.find(([name, pattern]) => !/^[\w.:/-]{1,100}$/.test(name) || !isPattern(pattern));
  if (odd)
    return {
      problem: `${odd[0]} has no pattern that could match: 1 to ${MOST_LETTERS} characters, and * for any run of them.`,
      field: "claims",
    };
  if (!named.some(([, pattern]) => /[^*]/.test(pattern))) {
    return {
      problem:
        "A rule without a claim admits every program that the issuer signs for. Name sub, or a claim that distinguishes your programs from others.",
      field: "claims",
    };
  }
  if (!isSharedIssuer(issuer)) return null;
  const pins = PINS[issuer.replace(/\/$/, "")] ?? SUBJECT_ALONE;
  if (named.some(([name, pattern]) => Object.hasOwn(pins, name) && pins[name]?.test(pattern) === true)) return null;
  return {
    problem: `${issuer} signs for everybody in the world. Name the owner, up to a slash before any star, in one of ${Object.keys(pins).join(", ")}.`,
    field: "claims",
  };
}

const isPattern = (pattern: string): boolean =>
  pattern.length > 0 && pattern.length <= MOST_LETTERS && pattern.isWellFormed() && !pattern.includes("\0");

/** A day: projected tokens of Kubernetes live for hours. */
const MAX_SECONDS = 86_400;

/** How a program's token is spent: it counts once, or if it has no `jti` until it expires. */
type WorkloadClaims = { readonly jti: string | null; readonly expiresAt: Date };

/** Checks the claims of a program's token (RFC 7523 §3). `matchesRule` checks the rest of its rule. */
export function readWorkloadClaims(claims: Readonly<Record<string, unknown>>, now: Date): WorkloadClaims {
  return { jti: readJti(claims), expiresAt: readLifetime(claims, now, MAX_SECONDS) };
}

/** Whether a header may be that of a program's token: a plain JWT. One that is made for something else says so (RFC 8725 §3.11). */
export const isPlainToken = (typ: unknown): boolean => [null, "jwt"].includes(typeOf(typ));
