import * as z from "zod";
import { readClient, readClients } from "../../flows/admin/list-clients.ts";
import { ownerDepsOf } from "../../flows/admin/owner-deps.ts";
import { setClientStanding } from "../../flows/admin/standing.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { ClientPage, ClientsPage } from "../pages/admin/clients.tsx";
import type { NoticeName } from "../pages/notices.ts";
import { goTo, orRefuse } from "../redirect.ts";

const standingSchema = z.enum(["approve", "block", "delete", "unblock"]);

const NOTICES: Readonly<Record<z.output<typeof standingSchema>, NoticeName>> = {
  approve: "approved",
  block: "blocked",
  delete: "deleted",
  unblock: "unblocked",
};

/** `GET /admin/clients`. */
export async function getClients(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const search = c.req.query("search") ?? "";
  const clients = await readClients(ownerDepsOf(deps, session), search, c.req.query("after") ?? null);
  return c.html(<ClientsPage frame={await panelFrameOf(c)} now={deps.now()} clients={clients} search={search} />);
}

/** `GET /admin/clients/one?id=…`. */
export async function getClient(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const client = await readClient(ownerDepsOf(deps, session), c.req.query("id") ?? "");
  if (!client) throw new OAuthError("invalid_request", "There is no such app.", { status: 404 });
  return c.html(<ClientPage frame={await panelFrameOf(c)} now={deps.now()} client={client} />);
}

/** `POST /admin/clients`: approves, blocks, unblocks or deletes one. */
export async function postClientStanding(c: AppContext): Promise<Response> {
  const { deps, session, form } = c.var;
  const standing = standingSchema.safeParse(form.get("standing"));
  if (!standing.success) throw new OAuthError("invalid_request", "This can't be done with an app.");
  const id = form.get("id") ?? "";
  const shown = standing.data === "approve" ? (form.get("fingerprint") ?? "") : null;
  orRefuse(await setClientStanding(ownerDepsOf(deps, session), id, standing.data, shown));
  const path = standing.data === "delete" ? "/admin/clients" : `/admin/clients/one?${new URLSearchParams({ id })}`;
  return goTo(c, path, NOTICES[standing.data]);
}
