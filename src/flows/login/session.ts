import type { Deps } from "../../deps.ts";
import { type Digest, sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";

/** The digest under which a session cookie is looked up; null for none, or one that can't be ours. */
export const sessionDigest = async ({ keys }: Deps, token: string | null): Promise<Digest | null> =>
  token !== null && (await isPlausibleToken(keys, TOKEN_KIND.session, token)) ? sha256(token) : null;
