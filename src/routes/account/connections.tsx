import {
  type ConnectionChange,
  changeConnection,
  readConnection,
  readConnections,
} from "../../flows/account/connections.ts";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext } from "../app-env.ts";
import { panelFrameOf } from "../frame.ts";
import { ConnectionPage } from "../pages/account/connection.tsx";
import { ConnectionsPage } from "../pages/account/connections.tsx";
import { goTo } from "../redirect.ts";

/** `GET /account`: connected apps; with `?ended`, those that were. */
export async function getConnections(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const which = c.req.query("ended") === undefined ? "live" : "ended";
  const { connections, next } = await readConnections(deps, session, which, c.req.query("after") ?? null);
  const query = next && new URLSearchParams({ ...(which === "ended" ? { ended: "" } : {}), after: next });
  return c.html(
    <ConnectionsPage
      frame={await panelFrameOf(c)}
      now={deps.now()}
      connections={connections}
      next={query?.toString() ?? null}
      which={which}
    />,
  );
}

/** `GET /account/connections/:id`. */
export async function getConnection(c: AppContext): Promise<Response> {
  const found = await readConnection(c.var.deps, c.var.session, c.req.param("id") ?? "");
  if (!found) throw new OAuthError("invalid_request", "You have no such connection.", { status: 404 });
  return c.html(<ConnectionPage frame={await panelFrameOf(c)} now={c.var.deps.now()} {...found} />);
}

const change = async (c: AppContext, what: ConnectionChange): Promise<void> => {
  if (!(await changeConnection(c.var.deps, c.req.param("id") ?? "", what))) {
    throw new OAuthError("invalid_request", "This connection can't be changed that way, or has ended already.");
  }
};

/** `POST /account/connections/:id/rename`. */
export async function postRename(c: AppContext): Promise<Response> {
  await change(c, { kind: "rename", name: c.var.form.get("name") ?? "" });
  return goTo(c, `/account/connections/${c.req.param("id")}`, "renamed");
}

/** `POST /account/connections/:id/narrow`. */
export async function postNarrow(c: AppContext): Promise<Response> {
  await change(c, { kind: "narrow", scopes: c.var.form.getAll("scope") });
  return goTo(c, `/account/connections/${c.req.param("id")}`, "allowed_less");
}

/** `POST /account/connections/:id/revoke`. */
export async function postRevokeConnection(c: AppContext): Promise<Response> {
  await change(c, { kind: "revoke" });
  return goTo(c, "/account", "revoked");
}
