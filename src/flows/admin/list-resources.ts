import { canonicalResource } from "../../oauth/resource.ts";
import {
  findResource,
  findResourceOfUri,
  listResources,
  type ResourceDetails,
  type ResourceQuery,
} from "../../store/resource-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type PageOf, toPage } from "./page.ts";

const LIMIT = 50;

/** A page of resources, by default in the order of their URIs. `search` is a part of a name or a URI. */
export async function readResources(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, fromZ = false }: Partial<Pick<ResourceQuery, "state" | "fromZ">> = {},
): Promise<PageOf<ResourceDetails>> {
  const needle = search?.trim().slice(0, 200).toWellFormed() || null;
  const query = { search: needle, after, state, fromZ, limit: LIMIT + 1 };
  return toPage(await listResources(db, query, actor), LIMIT, ({ uri }) => uri);
}

export const readResource = async ({ db, actor }: AdminDeps, id: string): Promise<ResourceDetails | null> =>
  /^[\w-]{1,100}$/.test(id) ? findResource(db, id, actor) : null;

export const findResourceByUri = ({ db, actor }: AdminDeps, uri: string): Promise<ResourceDetails | null> =>
  findResourceOfUri(db, canonicalResource(uri) ?? uri, actor);
