import { endSessions, readSessions } from "../../flows/account/sessions.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, textField } from "../fields.ts";
import { SessionsPage } from "../pages/account/sessions.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

/** `GET /account/sessions`. */
export async function getSessions(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const sessions = await readSessions(deps, session);
  const shell = await panelShellOf(c);
  return c.html(<SessionsPage {...{ shell, now: deps.now(), current: session.sessionId, sessions }} />);
}

/** `POST /account/sessions`: ends one sign-in, or all but the current one. */
export const postSessions = formRoute({
  fields: z.object({ session: textField(100) }),
  submit: async (c, { session }) => {
    await endSessions(c.var.deps, session);
    return goTo(c, "/account/sessions", "signed_out");
  },
});
