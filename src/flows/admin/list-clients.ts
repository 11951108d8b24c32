import { type ClientDetails, type ClientSummary, findClientDetails, listClients } from "../../store/client-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type Page, toPage } from "./page.ts";

const LIMIT = 50;

/** A page of clients, the newest first; `search` is a part of a name or the start of an id. */
export async function readClients(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
): Promise<Page<ClientSummary>> {
  const query = { search: search?.trim().slice(0, 200).toWellFormed() || null, after, limit: LIMIT + 1 };
  return toPage(await listClients(db, query, actor), LIMIT, ({ id }) => id);
}

export const readClient = ({ db, actor }: AdminDeps, id: string): Promise<ClientDetails | null> =>
  findClientDetails(db, id, actor);
