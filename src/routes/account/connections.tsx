import { HTTPException } from "hono/http-exception";
import {
  type ConnectionChange,
  changeConnection,
  readConnection,
  readOwnConnections,
} from "../../flows/account/connections.ts";
import * as z from "../../lib/schema.ts";
import type { AppContext } from "../app-env.ts";
import { formRoute, idOf, optionalText, pageNumber, type RefusedForm, readQuery, textField } from "../fields.ts";
import { ADDING, ConnectionPage } from "../pages/account/connection.tsx";
import { ConnectionsPage } from "../pages/account/connections.tsx";
import { goTo } from "../redirect.ts";
import { panelShellOf } from "../shell.ts";

const listQuery = z.object({
  ended: z.optional(z.string()),
  search: textField(200),
  order: z.catch(z.enum(["", "oldest"]), ""),
  after: optionalText(100),
  page: pageNumber(),
});

/** `GET /account`: connected apps, or with `?ended` those that have ended. */
export async function getConnections(c: AppContext): Promise<Response> {
  const { deps, session } = c.var;
  const { ended, after, page, ...query } = readQuery(c, listQuery);
  const which = ended === undefined ? "live" : "ended";
  const connections = await readOwnConnections(deps, session, which, query.search, after, query.order === "oldest");
  const shown = { shell: await panelShellOf(c), now: deps.now(), connections, query, page };
  return c.html(<ConnectionsPage {...shown} which={which} />);
}

/** `GET /account/connections/:id`. */
export const getConnection = (c: AppContext): Promise<Response> => showConnection(c, null);

/** `POST /account/connections/:id/rename`. */
export const postRename = formRoute({
  fields: z.object({ name: z._default(z.string(), ""), was: z.optional(z.string()) }),
  submit: async (c, { name, was }) => {
    if (!(await change(c, { kind: "rename", name }))) return CANNOT;
    return goTo(c, connectionPath(c), "renamed", was === undefined ? {} : { was: was.slice(0, 100) });
  },
});

/** `POST /account/connections/:id/narrow`. */
export const postNarrow = formRoute({
  fields: z.object({ scope: z.array(z.string()) }),
  showAgain: showConnection,
  submit: async (c, { scope }) => {
    if (scope.length === 0) return { problem: "Nothing is ticked. Tick at least one permission, or end the access." };
    return (await change(c, { kind: "narrow", scopes: scope })) ? goTo(c, connectionPath(c), "allowed_less") : CANNOT;
  },
});

/** `POST /account/connections/:id/add`. */
export const postAdd = formRoute({
  fields: z.object({ scope: z.array(z.string()) }),
  showAgain: showConnection,
  submit: async (c, { scope }) => {
    const nothing = { problem: "Nothing is ticked. Tick what the app should be able to do.", field: ADDING };
    if (scope.length === 0) return nothing;
    const added = await change(c, { kind: "add", scopes: scope });
    return added ? goTo(c, connectionPath(c), "allowed_more") : { ...CANNOT, field: ADDING };
  },
});

/** `POST /account/connections/:id/undo`. */
export const postUndo = formRoute({
  fields: z.object({}),
  submit: async (c) => ((await change(c, { kind: "undo" })) ? goTo(c, connectionPath(c), "undone") : TOO_LATE),
});

/** `POST /account/connections/:id/revoke`. */
export const postRevokeConnection = formRoute({
  fields: z.object({}),
  submit: async (c) => ((await change(c, { kind: "revoke" })) ? goTo(c, "/account", "revoked") : CANNOT),
});

const TOO_LATE = { problem: "It’s too late to undo this. Add the permissions on the connection’s page." };
const CANNOT = { problem: "This connection can’t be changed that way, or it has already ended." };

export const connectionPath = (c: AppContext): string => `/account/connections/${encodeURIComponent(idOf(c))}`;

const change = (c: AppContext, what: ConnectionChange): Promise<boolean> => changeConnection(c.var.deps, idOf(c), what);

const connectionQuery = z.object({
  was: z.optional(z.string().check(z.maxLength(100))),
  routine: z.catch(z.enum(["", "hidden"]), ""),
});

async function showConnection(c: AppContext, refused: RefusedForm | null): Promise<Response> {
  const { deps, session } = c.var;
  const found = await readConnection(deps, session, idOf(c));
  if (!found) {
    if (refused) throw new HTTPException(400, { message: CANNOT.problem });
    throw new HTTPException(404, { message: "You have no such connection." });
  }
  const { was, routine } = readQuery(c, connectionQuery);
  const shown = { shell: await panelShellOf(c), now: deps.now(), ...found, formerName: was ?? null, refused };
  return c.html(<ConnectionPage {...shown} hidesRoutine={routine === "hidden"} />, refused ? 400 : 200);
}
