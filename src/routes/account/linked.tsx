import { HTTPException } from "hono/http-exception";
import { readLinkedAccounts } from "../../flows/linked/list-accounts.ts";
import { endAccountUse, unlinkAccount } from "../../flows/linked/unlink.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, idOf, textField } from "../fields.ts";
import { LinkedAccountsPage } from "../pages/account/linked.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

/** `GET /account/linked`: the accounts that servers may use for the person. */
export async function getLinkedAccounts(c: AppContext): Promise<Response> {
  const accounts = await readLinkedAccounts(c.var.deps, c.var.session);
  return c.html(<LinkedAccountsPage shell={await panelShellOf(c)} now={c.var.deps.now()} accounts={accounts} />);
}

/** `POST /account/linked/:id/unlink`. */
export async function postUnlink(c: AppContext): Promise<Response> {
  if (!(await unlinkAccount(c.var.deps, idOf(c)))) throw noSuchAccount();
  return goTo(c, "/account/linked", "unlinked");
}

/** `POST /account/linked/:id/disallow`: one server can no longer use it. */
export const postDisallow = formRoute({
  fields: z.object({ resource: textField(2000) }),
  submit: async (c, { resource }) => {
    if (!(await endAccountUse(c.var.deps, idOf(c), resource))) throw noSuchAccount();
    return goTo(c, "/account/linked", "use_ended");
  },
});

const noSuchAccount = () => new HTTPException(404, { message: "You have no such account linked." });
