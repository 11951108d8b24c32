import { HTTPException } from "hono/http-exception";
import * as z from "zod";
import { findClient, readClients } from "../../flows/admin/list-clients.ts";
import { setClientStanding, setClientsStanding } from "../../flows/admin/standing.ts";
import { CLIENT_STATES } from "../../store/client-listing.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, optionalText, pageNumber, readQuery, text } from "../fields.ts";
import { panelFrameOf } from "../frame.ts";
import { ClientPage } from "../pages/admin/client.tsx";
import { ClientsPage, clientPath } from "../pages/admin/clients.tsx";
import { goTo } from "../redirect.ts";

const MAX_ID_LENGTH = 2000;

const NOTICES = { approve: "approved", block: "blocked", delete: "deleted", unblock: "unblocked" } as const;

const listQuery = z.object({
  search: text(200),
  state: z.enum(["", ...CLIENT_STATES]).catch(""),
  order: z.enum(["", "oldest"]).catch(""),
  after: optionalText(MAX_ID_LENGTH),
  page: pageNumber(),
});

/** `GET /admin/clients`. */
export async function getClients(c: AppContext): Promise<Response> {
  const { after, page, ...query } = readQuery(c, listQuery);
  const options = { state: query.state || null, oldestFirst: query.order === "oldest" };
  const clients = await readClients(c.var.deps, query.search, after, options);
  return c.html(<ClientsPage {...{ frame: await panelFrameOf(c), now: c.var.deps.now(), clients, query, page }} />);
}

/** `GET /admin/clients/one?id=…`. */
export async function getClient(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const { id } = readQuery(c, z.object({ id: text(MAX_ID_LENGTH) }));
  const client = await findClient(deps, id);
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

/** `POST /admin/clients/several`: blocks or deletes those that are ticked. */
export const postClientsStanding = formRoute({
  fields: z.object({
    id: z.array(text(MAX_ID_LENGTH)).min(1, "Select at least one app.").max(100, "That is too many at once."),
    standing: z.enum(["block", "delete"], "This can't be done with apps."),
  }),
  submit: async (c, { id, standing }) => {
    const count = await setClientsStanding(c.var.deps, id, standing);
    if (count === 0) return { problem: "None of these apps is there now." };
    return goTo(c, "/admin/clients", standing === "block" ? "several_blocked" : "several_deleted");
  },
});
