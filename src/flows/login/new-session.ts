import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { mintToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { NewSession } from "../../store/sessions.ts";
import { sessionDigest } from "./session.ts";

/** The cookies that a browser sends with a sign-in. */
export type LoginCookies = { readonly session: string | null; readonly browser: string | null };

/** The cookies that the browser gets. `browser` is null if it keeps the one it has. */
export type SignInCookies = { readonly session: string; readonly browser: string | null };

/** A new session: its token for the cookie, and its row. */
export async function mintSession(
  deps: Deps,
  cookies: LoginCookies,
): Promise<{ readonly token: string; readonly session: NewSession }> {
  const token = await mintToken(deps.keys, TOKEN_KIND.session);
  const session = {
    digest: await sha256(token),
    replaces: await sessionDigest(deps, cookies.session),
    userAgent: deps.caller.userAgent,
    lifetimeSeconds: deps.config.lifetimes.sessionSeconds,
  };
  return { token, session };
}
