import type { Deps } from "../../deps.ts";
import * as z from "../../lib/schema.ts";
import { type ConnectionEvent, listConnectionEvents } from "../../store/connection-events.ts";
import {
  addConnectionScopes,
  type ConnectionDetails,
  findConnection,
  listConnections,
  type OwnConnection,
  restoreConnectionScopes,
  revokeConnection,
  updateConnectionName,
  updateConnectionScopes,
} from "../../store/connections.ts";
import { type PageOf, toPage } from "../admin/page.ts";
import type { Session } from "../login/session.ts";

/** So many still fit into a small page. */
const PAGE = 15;
const EVENTS = 500;

/** A page of a person's connections, by default newest first. `search` is a part of a name. */
export async function readOwnConnections(
  { db, now }: Deps,
  { userId }: Session,
  which: "live" | "ended",
  search: string | null,
  after: string | null,
  oldestFirst: boolean,
): Promise<PageOf<OwnConnection>> {
  const from = after !== null && isId(after) ? after : null;
  const needle = search?.trim().slice(0, 200).toWellFormed() || null;
  const query = { which, search: needle, after: from, limit: PAGE + 1, oldestFirst };
  return toPage(await listConnections(db, userId, query, now()), PAGE, ({ id }) => id);
}

/** One connection with what happened to it. Null if the person has none with this id. */
export async function readConnection(
  { db, actor, config }: Deps,
  { userId }: Session,
  id: string,
): Promise<{ readonly connection: ConnectionDetails; readonly events: readonly ConnectionEvent[] } | null> {
  if (!isId(id)) return null;
  const [connection, events] = await Promise.all([
    findConnection(db, userId, id, config.lifetimes.codeSeconds, actor),
    listConnectionEvents(db, id, EVENTS),
  ]);
  return connection && { connection, events };
}

/** The changes that a person may make to their connection. */
export type ConnectionChange =
  | { readonly kind: "rename"; readonly name: string }
  | { readonly kind: "narrow" | "add"; readonly scopes: readonly string[] }
  /** Restores the scopes that they last took away, within the lifetime of an authorization code. */
  | { readonly kind: "undo" }
  | { readonly kind: "revoke" };

/** Makes a change. False if there is no such connection any more, or if it would be left without scopes. */
export async function changeConnection(
  { db, actor, config }: Deps,
  id: string,
  change: ConnectionChange,
): Promise<boolean> {
  if (!isId(id)) return false;
  switch (change.kind) {
    case "rename":
      return updateConnectionName(db, id, change.name.trim().slice(0, 100).toWellFormed() || null, actor);
    case "narrow":
      return updateConnectionScopes(db, id, change.scopes, actor);
    case "add":
      return addConnectionScopes(db, id, change.scopes, actor);
    case "undo":
      return restoreConnectionScopes(db, id, config.lifetimes.codeSeconds, actor);
    case "revoke":
      return revokeConnection(db, id, actor);
  }
}

const isId = (id: string): boolean => z.uuid().safeParse(id).success;
