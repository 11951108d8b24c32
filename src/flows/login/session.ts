import type { Deps } from "../../deps.ts";
import { type Digest, sha256 } from "../../lib/hash.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { SessionKey } from "../../store/actor.ts";
import { findSessionPerson, type SessionPerson } from "../../store/sessions.ts";

/** The signed-in person, and their session. */
export type Session = SessionPerson & { readonly digest: Digest };

/** How old a sign-in may be for acts that a borrowed browser must not allow. */
const FRESH_MS = 5 * 60 * 1000;

/** The digest by which a session cookie is looked up. Null if there is none, or if it can't be ours. */
export const sessionDigest = async ({ keys }: Deps, token: string | null): Promise<Digest | null> =>
  token !== null && (await isPlausibleToken(keys, TOKEN_KIND.session, token)) ? sha256(token) : null;

/** What a session is looked up by. */
export const sessionKey = async (deps: Deps, token: string | null): Promise<SessionKey> => ({
  digest: await sessionDigest(deps, token),
  idleSeconds: deps.config.lifetimes.sessionIdleSeconds,
});

/** The person who is signed in with a session cookie, or null. */
export async function findSession(deps: Deps, token: string | null): Promise<Session | null> {
  const key = await sessionKey(deps, token);
  if (key.digest === null) return null;
  const person = await findSessionPerson(deps.db, key, deps.now());
  return person && { ...person, digest: key.digest };
}

/** Whether the sign-in is fresh enough to change credentials. */
export const isFresh = ({ now }: Deps, session: Session): boolean =>
  session.authenticatedAt > now().getTime() - FRESH_MS;

/** What a door requires of a person, beyond a good session. */
type DoorRequirement = { readonly role?: "owner" | "member"; readonly fresh?: boolean };

/**
 * What flows may use behind a door with this requirement. Their statements check the requirement again, since the
 * session may have ended in between.
 */
export function actAs(deps: Deps, { digest }: Session, { role = "member", fresh = false }: DoorRequirement): Deps {
  const { actor, config, now } = deps;
  const signedInSince = fresh ? new Date(now().getTime() - FRESH_MS) : null;
  const authority = { digest, idleSeconds: config.lifetimes.sessionIdleSeconds, role, signedInSince };
  return { ...deps, actor: { ...actor, authority } };
}
