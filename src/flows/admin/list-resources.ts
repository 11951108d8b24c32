import { canonicalResource } from "../../oauth/resource.ts";
import { findResource, findResourceOfUri, listResources, type ResourceDetails } from "../../store/resource-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type Page, toPage } from "./page.ts";

const LIMIT = 50;

/** A page of resources in the order of their URIs. */
export const readResources = async ({ db, actor }: AdminDeps, after: string | null): Promise<Page<ResourceDetails>> =>
  toPage(
    { rows: await listResources(db, { after, limit: LIMIT + 1 }, actor), walkedTo: null },
    LIMIT,
    ({ uri }) => uri,
  );

export const readResource = async ({ db, actor }: AdminDeps, id: string): Promise<ResourceDetails | null> =>
  /^[\w-]{1,100}$/.test(id) ? findResource(db, id, actor) : null;

export const findResourceByUri = ({ db, actor }: AdminDeps, uri: string): Promise<ResourceDetails | null> =>
  findResourceOfUri(db, canonicalResource(uri) ?? uri, actor);
