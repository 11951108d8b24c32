import { endSessions, readSessions } from "../../flows/account/sessions.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { SessionsPage } from "../pages/account/sessions.tsx";
import { goTo } from "../redirect.ts";

/** `GET /account/sessions`. */
export async function getSessions(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const sessions = await readSessions(deps, session);
  return c.html(
    <SessionsPage frame={await panelFrameOf(c)} now={deps.now()} current={session.sessionId} sessions={sessions} />,
  );
}

/** `POST /account/sessions`: signs out of one, or of all others. */
export async function postSessions(c: AppContext): Promise<Response> {
  await endSessions(c.var.deps, c.var.form.get("session") ?? "");
  return goTo(c, "/account/sessions", "signed_out");
}
