import type { Deps } from "../../deps.ts";
import * as z from "../../lib/schema.ts";
import { deleteOwnSessions, type ListedSession, listSessions } from "../../store/sessions.ts";
import type { Session } from "../login/session.ts";

/** The browsers in which a person is signed in. */
export const readSessions = ({ db, config, now }: Deps, { userId }: Session): Promise<ListedSession[]> =>
  listSessions(db, userId, config.lifetimes.sessionIdleSeconds, now());

/** Ends one of a person's sign-ins, or all but the current one. It isn't an error if one has already ended. */
export async function endSessions({ db, actor }: Deps, which: string): Promise<void> {
  if (which !== "others" && !z.uuid().safeParse(which).success) return;
  await deleteOwnSessions(db, which, actor);
}
