import type { Deps } from "../../deps.ts";
import { deleteSession } from "../../store/sessions.ts";
import { sessionDigest } from "./session.ts";

/** Ends the session of this browser. */
export async function signOut(deps: Deps, sessionToken: string | null): Promise<void> {
  const digest = await sessionDigest(deps, sessionToken);
  if (digest) await deleteSession(deps.db, digest, deps.actor);
}
