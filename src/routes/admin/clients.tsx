import { HTTPException } from "hono/http-exception";
import * as z from "zod";
import { readClient, readClients } from "../../flows/admin/list-clients.ts";
import { setClientStanding } from "../../flows/admin/standing.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, readQuery, text } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { ClientPage, ClientsPage, clientPath } from "../pages/admin/clients.tsx";
import { goTo } from "../redirect.ts";

const MAX_ID_LENGTH = 2000;

const NOTICES = { approve: "approved", block: "blocked", delete: "deleted", unblock: "unblocked" } as const;

/** `GET /admin/clients`. */
export async function getClients(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { search, after } = readQuery(c, z.object({ search: text(200), after: optionalText(MAX_ID_LENGTH) }));
  const clients = await readClients(deps, search, after);
  return c.html(<ClientsPage frame={await panelFrameOf(c)} now={deps.now()} clients={clients} search={search} />);
}

/** `GET /admin/clients/one?id=…`. */
export async function getClient(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { id } = readQuery(c, z.object({ id: text(MAX_ID_LENGTH) }));
  const client = await readClient(deps, id);
  if (!client) throw new HTTPException(404, { message: "There is no such app." });
  return c.html(<ClientPage frame={await panelFrameOf(c)} now={deps.now()} client={client} />);
}

/** `POST /admin/clients`: approves, blocks, unblocks or deletes one. */
export const postClientStanding = formRoute({
  fields: z.object({
    id: text(MAX_ID_LENGTH),
    standing: z.enum(["approve", "block", "delete", "unblock"], "This can't be done with an app."),
    /** What the client looked like where it was approved. */
    fingerprint: text(100),
  }),
  submit: async (c, { id, standing, fingerprint }) => {
    const shown = standing === "approve" ? fingerprint : null;
    const outcome = await setClientStanding(c.var.deps, id, standing, shown);
    if ("problem" in outcome) return outcome;
    return goTo(c, standing === "delete" ? "/admin/clients" : clientPath(id), NOTICES[standing]);
  },
});
