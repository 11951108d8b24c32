import * as z from "../../lib/schema.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import { type ListedConnection, listLiveConnections } from "../../store/connection-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";

const LIMIT = 50;

type ConnectionFilter = {
  readonly user: string | null;
  readonly client: string | null;
  readonly resource: string | null;
  readonly after: string | null;
};

/** A page of live connections. */
export async function readConnections(
  { db, actor }: AdminDeps,
  { user, client, resource, after }: ConnectionFilter,
): Promise<{ readonly items: ListedConnection[]; readonly next: string | null } | { readonly problem: string }> {
  if (after !== null && !z.uuid().safeParse(after).success) return { problem: "--after takes the id of a connection." };
  const query = {
    email: user?.trim().toLowerCase() ?? null,
    clientId: client,
    resourceUri: resource === null ? null : (canonicalResource(resource) ?? resource),
    after,
    limit: LIMIT + 1,
  };
  const found = await listLiveConnections(db, query, actor);
  const items = found.slice(0, LIMIT);
  return { items, next: found.length > LIMIT ? (items.at(-1)?.id ?? null) : null };
}
