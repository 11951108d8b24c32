import { type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { decode, encode } from "jose/base64url";

const deriveScrypt = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scrypt);

type Cost = { readonly logN: number; readonly r: number; readonly p: number };

/** What a hash made today costs, as one of the OWASP sets for scrypt: N = 2^14, r = 8, p = 5. */
export const PASSWORD_COST: Cost = { logN: 14, r: 8, p: 5 };
const KEY_BYTES = 32;

/** Hashes a password to a PHC string: `$scrypt$ln=14,r=8,p=5$<salt>$<hash>`, base64url without padding. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const hash = await derive(password, salt, PASSWORD_COST);
  return `$scrypt$ln=${PASSWORD_COST.logN},r=${PASSWORD_COST.r},p=${PASSWORD_COST.p}$${encode(salt)}$${encode(hash)}`;
}

/**
 * Whether the password matches the hash, and whether the hash should be renewed with today's parameters. Without a hash
 * (no such account, or one without a password) it takes equally long and never matches.
 */
export async function verifyPassword(
  password: string,
  phc: string | null,
): Promise<{ matches: boolean; outdated: boolean }> {
  const parsed = phc === null ? null : parsePhc(phc);
  if (!parsed) {
    await derive(password, new Uint8Array(16), PASSWORD_COST);
    return { matches: false, outdated: false };
  }
  const { parameters, salt, hash } = parsed;
  const matches = timingSafeEqual(await derive(password, salt, parameters), hash);
  const { logN, r, p } = parameters;
  return { matches, outdated: logN !== PASSWORD_COST.logN || r !== PASSWORD_COST.r || p !== PASSWORD_COST.p };
}

const derive = (password: string, salt: Uint8Array, { logN, r, p }: Cost): Promise<Buffer> =>
  deriveScrypt(password.normalize("NFKC"), salt, KEY_BYTES, { N: 2 ** logN, r, p });

function parsePhc(phc: string) {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(phc);
  if (!match) throw new Error("the stored password hash is not a scrypt PHC string");
  const [, logN, r, p, salt = "", hash = ""] = match;
  return { parameters: { logN: Number(logN), r: Number(r), p: Number(p) }, salt: decode(salt), hash: decode(hash) };
}
