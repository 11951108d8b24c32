import { HTTPException } from "hono/http-exception";
import { findClient, readClients, readClientsToEnd, readConnectionsOfApp } from "../../flows/admin/lists.ts";
import { setClientStatus, setClientsStatus } from "../../flows/admin/status.ts";
import * as z from "../../lib/schema.ts";
import { CLIENT_STATES } from "../../store/client-listing.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, pageNumber, readQuery, textField } from "../fields.ts";
import { ClientPage } from "../pages/admin/client.tsx";
import { ClientsPage, clientPath } from "../pages/admin/clients.tsx";
import { SeveralClientsPage } from "../pages/admin/several-clients.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const MAX_ID_LENGTH = 2000;

const NOTICES = { approve: "approved", block: "blocked", delete: "deleted", unblock: "unblocked" } as const;

const listQuery = z.object({
  search: textField(200),
  state: z.catch(z.enum(["", ...CLIENT_STATES]), ""),
  order: z.catch(z.enum(["", "oldest"]), ""),
  after: optionalText(MAX_ID_LENGTH),
  page: pageNumber(),
});

/** `GET /admin/clients`. */
export async function getClients(c: AppContext): Promise<Response> {
  const { after, page, ...query } = readQuery(c, listQuery);
  const options = { state: query.state || null, oldestFirst: query.order === "oldest" };
  const clients = await readClients(c.var.deps, query.search, after, options);
  return c.html(<ClientsPage {...{ shell: await panelShellOf(c), now: c.var.deps.now(), clients, query, page }} />);
}

/** `GET /admin/clients/one?id=…`. */
export async function getClient(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { id } = readQuery(c, z.object({ id: textField(MAX_ID_LENGTH) }));
  const [client, connections] = await Promise.all([findClient(deps, id), readConnectionsOfApp(deps, id)]);
  if (!client) throw new HTTPException(404, { message: "There is no such app." });
  return c.html(<ClientPage {...{ shell: await panelShellOf(c), now: deps.now(), client, connections }} />);
}

/** `POST /admin/clients`: approves, blocks, unblocks or deletes one. */
export const postClientStatus = formRoute({
  fields: z.object({
    id: textField(MAX_ID_LENGTH),
    change: z.enum(["approve", "block", "delete", "unblock"], "This can't be done with an app."),
    /** The fingerprint of the client as its page showed it. */
    fingerprint: textField(100),
  }),
  submit: async (c, { id, change, fingerprint }) => {
    const shown = change === "approve" ? fingerprint : null;
    const outcome = await setClientStatus(c.var.deps, id, change, shown);
    if ("problem" in outcome) return outcome;
    return goTo(c, change === "delete" ? "/admin/clients" : clientPath(id), NOTICES[change]);
  },
});

const severalForm = z.object({
  id: z
    .array(textField(MAX_ID_LENGTH))
    .check(z.minLength(1, "Select at least one app."), z.maxLength(100, "That is too many at once.")),
  change: z.enum(["block", "delete"], "This can't be done with apps."),
});

const NO_LONGER = { problem: "These apps no longer exist." };

/** `POST /admin/clients/question`: asks before the ticked ones are blocked or deleted. */
export const postClientsQuestion = formRoute({
  fields: severalForm,
  submit: async (c, { id, change }) => {
    const ending = await readClientsToEnd(c.var.deps, id);
    if (ending.clients.length === 0) return NO_LONGER;
    return c.html(<SeveralClientsPage shell={await panelShellOf(c)} change={change} ending={ending} />);
  },
});

/** `POST /admin/clients/several`: blocks or deletes them. */
export const postClientsStatus = formRoute({
  fields: severalForm,
  submit: async (c, { id, change }) => {
    const count = await setClientsStatus(c.var.deps, id, change);
    if (count === 0) return NO_LONGER;
    return goTo(c, "/admin/clients", change === "block" ? "several_blocked" : "several_deleted");
  },
});
