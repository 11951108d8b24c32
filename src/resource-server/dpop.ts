import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";

type Algorithm = {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
  readonly saltLength?: number;
};
/** The proof algorithms that Gatehouse accepts (RFC 9449 §5.1), as the Web Crypto API names them. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
  Ed25519: { name: "Ed25519" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
};
export const PROOF_ALGORITHMS = Object.keys(ALGORITHMS);

/** The members of a key that make up its thumbprint, in their order (RFC 7638 §3.2). */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
};

/** How far a client's clock may be off. A proof is good no longer than that. */
const CLOCK_SKEW_SECONDS = 300;
const MAX_PROOF_LENGTH = 8192;
/** How many proofs are remembered, so that none is good twice here. The oldest make room. */
const MAX_KEPT = 10_000;

type Members = Readonly<Record<string, unknown>>;

/** The presented access token, and the thumbprint of the key that it is bound to. */
export type BoundToken = { readonly token: string; readonly jkt: string };

/** Whether a request has a good proof of its token's key (RFC 9449 §4.3, §7.1). */
export type ProofChecker = (request: Request, bound: BoundToken) => Promise<boolean>;

/**
 * Makes the function that checks proofs. It remembers used proofs for as long as they would be good, but only in this
 * process: a proof that is replayed to another one within five minutes passes there.
 */
export function createProofChecker(settings: Settings): ProofChecker {
  const used = new Set<string>();
  const kept: { readonly proof: string; readonly until: number }[] = [];

  const isFirst = (proof: string, until: number): boolean => {
    if (used.has(proof)) return false;
    while (kept[0] && (kept[0].until < Date.now() || kept.length >= MAX_KEPT)) used.delete(kept.shift()?.proof ?? "");
    used.add(proof);
    kept.push({ proof, until });
    return true;
  };

  return async function checkProof(request, { token, jkt }) {
    // Two headers arrive as one with a comma, which no proof contains.
    const proof = request.headers.get("DPoP") ?? "";
    const [, head = "", body = "", signature = ""] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(proof) ?? [];
    if (proof.length > MAX_PROOF_LENGTH) return false;
    const [header, claims] = [readPart(head), readPart(body)];
    if (!header || !claims || header["typ"] !== "dpop+jwt") return false;
    const key = isObject(header["jwk"]) ? header["jwk"] : {};
    if ((await thumbprint(key)) !== jkt) return false;
    const iat = Number(claims["iat"]);
    const isGood =
      typeof claims["jti"] === "string" &&
      claims["htm"] === request.method &&
      isOwnUri(settings, request, claims["htu"]) &&
      typeof claims["iat"] === "number" &&
      Math.abs(Date.now() / 1000 - iat) <= CLOCK_SKEW_SECONDS &&
      claims["ath"] === (await sha256(token)) &&
      (await isSignedBy(key, String(header["alg"]), `${head}.${body}`, signature));
    return isGood && isFirst(await sha256(`${jkt} ${claims["jti"]}`), (iat + CLOCK_SKEW_SECONDS) * 1000);
  };
}

/**
 * Compares with the address that clients know, since the platform's may be that of a proxy's target. Without query and
 * fragment (RFC 9449 §4.3).
 */
function isOwnUri({ resource }: Settings, request: Request, htu: unknown): boolean {
  const named = normalize(String(htu));
  return (
    named !== null &&
    [resource, new URL(resource).origin + requestTarget(request).pathname].some((uri) => normalize(uri) === named)
  );
}

/** A URI, normalized by its syntax (RFC 3986 §6.2.2, §6.2.3). */
function normalize(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, pathname, username } = new URL(text);
  if (username) return null;
  return (
    origin +
    pathname.replace(/%[\da-f]{2}/gi, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
    })
  );
}

async function isSignedBy(jwk: Members, alg: string, signed: string, signature: string): Promise<boolean> {
  const algorithm = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
  if (!algorithm) return false;
  try {
    // Takes only the members of the key that its thumbprint covers, so that no other member matters.
    const members = MEMBERS[String(jwk["kty"])] ?? [];
    const bare = Object.fromEntries(members.map((name) => [name, jwk[name]]));
    const key = await crypto.subtle.importKey("jwk", bare as never, algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, fromBase64url(signature), new TextEncoder().encode(signed));
  } catch {
    return false;
  }
}

/** The thumbprint of a public key (RFC 7638). Null if it isn't one. */
async function thumbprint(jwk: Members): Promise<string | null> {
  const kty = String(jwk["kty"]);
  const members = Object.hasOwn(MEMBERS, kty) ? MEMBERS[kty] : undefined;
  if (!members?.every((name) => typeof jwk[name] === "string") || "d" in jwk) return null;
  return sha256(JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]]))));
}

function readPart(text: string): Members | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64url(text)));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fromBase64url = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

async function sha256(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace("=", "");
}
