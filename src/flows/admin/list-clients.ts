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

/** The filters and the order of a list of clients. */
type ClientListOptions = Partial<Pick<ClientQuery, "state" | "oldestFirst">>;

/** A page of clients, by default newest first. `search` is a part of a name or the start of an id. */
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
