import { openConnectLink, skipConnecting, startConnecting } from "../flows/linked/connect-link.ts";
import { unlinkAccount } from "../flows/linked/unlink.ts";
import type { AppContext } from "./app-env.ts";
import { sessionTokenOf } from "./cookies.ts";
import { idOf } from "./fields.ts";
import { ConnectPage } from "./pages/connect-link.tsx";
import { formShellOf } from "./shell.ts";

/** `GET /connect/:id`: asks the person that a link was made for to link an account. It changes nothing. */
export async function getConnect(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const view = await openConnectLink(deps, session, idOf(c));
  return c.html(<ConnectPage shell={await formShellOf(c)} view={view} email={session.email} />);
}

/** `POST /connect/:id`: goes to the provider. With `replace`, it first unlinks the linked account. */
export async function postConnect(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const replaced = form.get("replace");
  if (replaced !== null) {
    await openConnectLink(deps, session, idOf(c));
    await unlinkAccount(deps, replaced);
  }
  return c.redirect((await startConnecting(deps, session, sessionTokenOf(c), idOf(c))).location, 303);
}

/** `POST /connect/:id/skip`: continues without an account. */
export async function postSkipConnect(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  return c.redirect((await skipConnecting(deps, session, sessionTokenOf(c), idOf(c))).location, 303);
}
