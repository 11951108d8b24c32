import { HTTPException } from "hono/http-exception";
import { readLinkedAccounts } from "../../flows/linked/list-accounts.ts";
import { endAccountUses, unlinkAccount } from "../../flows/linked/unlink.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, idOf } from "../fields.ts";
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

/** `POST /account/linked/:id/servers`: those that the page showed and the person unticked can no longer use it. */
export const postAccountServers = formRoute({
  fields: z.object({ shown: z.array(z.string()), resource: z.array(z.string()) }),
  submit: async (c, { shown, resource }) => {
    const unticked = shown.filter((each) => !resource.includes(each));
    if (unticked.length > 0 && !(await endAccountUses(c.var.deps, idOf(c), unticked))) throw noSuchAccount();
    return goTo(c, "/account/linked", unticked.length > 0 ? "use_ended" : "saved");
  },
});

const noSuchAccount = () => new HTTPException(404, { message: "You have no such account linked." });
