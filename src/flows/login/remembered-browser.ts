import { encode } from "jose/base64url";
import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { hmacSha256 } from "../../lib/hash.ts";
import { deriveHmacKey } from "../../lib/key-ring.ts";
import { randomBase64url } from "../../lib/random.ts";
import * as z from "../../lib/schema.ts";

/**
 * A browser in which somebody has signed in before. Its failures are counted apart, so that a stranger who guesses at
 * an account locks it for strangers but not for its owner.
 */
type RememberedBrowser = { readonly id: string; readonly passwordChangedAt: number | null };

const USE = { purpose: "browser", context: "" };

const schema = z.object({ id: z.string(), account: z.string(), passwordChangedAt: z.nullable(z.number()) });

/** The key under which attempts at an account are counted, so that Redis doesn't hold the address itself. */
export async function accountKey({ keys }: Deps, email: string): Promise<string> {
  // Uses the oldest key, so that a lock outlives the rotation of keys.
  const key = keys.all.at(-1) ?? keys.current;
  return encode(await hmacSha256(await deriveHmacKey(key, "account"), email));
}

/** The browser that a cookie names, if the cookie belongs to this account. */
export async function openRememberedBrowser(
  { keys }: Deps,
  cookie: string | null,
  account: string,
): Promise<RememberedBrowser | null> {
  if (cookie === null) return null;
  const parsed = schema.safeParse(await openEnvelope(keys, USE, cookie));
  return parsed.success && parsed.data.account === account ? parsed.data : null;
}

/** The cookie for a browser that has just signed in. It is void once the password changes. */
export const sealRememberedBrowser = (
  { keys }: Deps,
  account: string,
  passwordChangedAt: number | null,
): Promise<string> => sealEnvelope(keys, USE, { id: randomBase64url(16), account, passwordChangedAt });
