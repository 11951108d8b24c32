import {
  type ClientDetails,
  type ClientQuery,
  type ClientSummary,
  findClientDetails,
  listClients,
} from "../../store/client-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type PageOf, toPage } from "./page.ts";

const LIMIT = 50;

/** How a list of clients is narrowed down and sorted. */
export type ClientListOptions = Partial<Pick<ClientQuery, "state" | "oldestFirst">>;

/** A page of clients, the newest first unless told otherwise; `search` is a part of a name or the start of an id. */
export async function readClients(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, oldestFirst = false }: ClientListOptions = {},
): Promise<PageOf<ClientSummary>> {
  const needle = search?.trim().slice(0, 200).toWellFormed() || null;
  const query = { search: needle, after, state, oldestFirst, limit: LIMIT + 1 };
  return toPage(await listClients(db, query, actor), LIMIT, ({ id }) => id);
}

export const findClient = ({ db, actor }: AdminDeps, id: string): Promise<ClientDetails | null> =>
  findClientDetails(db, id, actor);
