import * as z from "zod";
import type { Deps } from "../../deps.ts";
import { deleteOwnSessions, type ListedSession, listSessions } from "../../store/sessions.ts";
import type { Session } from "../login/session.ts";

/** Where a person is signed in. */
export const readSessions = ({ db, config, now }: Deps, { userId }: Session): Promise<ListedSession[]> =>
  listSessions(db, userId, config.lifetimes.sessionIdleSeconds, now());

/** Signs a person out of one sign-in, or of all but this one. One that is gone already is no error. */
export async function endSessions({ db, actor }: Deps, which: string): Promise<void> {
  if (which !== "others" && !z.uuid().safeParse(which).success) return;
  await deleteOwnSessions(db, which, actor);
}
