import * as z from "../../lib/schema.ts";
import { canonicalResource } from "../../oauth/resource.ts";
import {
  type ClientDetails,
  type ClientQuery,
  type ClientsToEnd,
  findClientDetails,
  findClientsToEnd,
  type ListedClient,
  listClients,
} from "../../store/client-listing.ts";
import {
  type ListedConnection,
  listConnectionsOfClient,
  listConnectionsOfUser,
  listLiveConnections,
  type UsedConnection,
} from "../../store/connection-listing.ts";
import {
  type InitialAccessToken,
  listInitialAccessTokens,
  type TokenQuery,
} from "../../store/initial-access-tokens.ts";
import {
  findResource,
  findResourceOfUri,
  listResources,
  type ResourceDetails,
  type ResourceQuery,
} from "../../store/resource-listing.ts";
import { listUsers, type UserQuery, type UserSummary } from "../../store/user-listing.ts";
import type { AdminDeps } from "./admin-deps.ts";
import { type PageOf, toPage } from "./page.ts";

const LIMIT = 50;

/** Each initial access token has a question before it is revoked, so a page of them is smaller. */
const TOKEN_LIMIT = 25;

/** What was typed into a search, cut to `length`. Null searches for nothing. */
export const toNeedle = (search: string | null, length: number): string | null =>
  search?.trim().slice(0, length).toWellFormed() || null;

/** A page of people, by default in the order of their addresses. `search` is a part of an address. */
export async function readUsers(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, fromZ = false }: Partial<Pick<UserQuery, "state" | "fromZ">> = {},
): Promise<PageOf<UserSummary>> {
  const query = { search: toNeedle(search, 320)?.toLowerCase() ?? null, after, state, fromZ, limit: LIMIT + 1 };
  return toPage(await listUsers(db, query, actor), LIMIT, ({ email }) => email);
}

/** One person, or null. */
export const readUser = async (deps: AdminDeps, email: string): Promise<UserSummary | null> =>
  (await readUsers(deps, email, null)).items.find((person) => person.email === email) ?? null;

/** A page of resources, by default in the order of their URIs. `search` is a part of a name or a URI. */
export async function readResources(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, fromZ = false }: Partial<Pick<ResourceQuery, "state" | "fromZ">> = {},
): Promise<PageOf<ResourceDetails>> {
  const query = { search: toNeedle(search, 200), after, state, fromZ, limit: LIMIT + 1 };
  return toPage(await listResources(db, query, actor), LIMIT, ({ uri }) => uri);
}

export const readResource = async ({ db, actor }: AdminDeps, id: string): Promise<ResourceDetails | null> =>
  /^[\w-]{1,100}$/.test(id) ? findResource(db, id, actor) : null;

export const findResourceByUri = ({ db, actor }: AdminDeps, uri: string): Promise<ResourceDetails | null> =>
  findResourceOfUri(db, canonicalResource(uri) ?? uri, actor);

/** A page of clients, by default newest first. `search` is a part of a name or the start of an id. */
export async function readClients(
  { db, actor }: AdminDeps,
  search: string | null,
  after: string | null,
  { state = null, oldestFirst = false }: Partial<Pick<ClientQuery, "state" | "oldestFirst">> = {},
): Promise<PageOf<ListedClient>> {
  const query = { search: toNeedle(search, 200), after, state, oldestFirst, limit: LIMIT + 1 };
  return toPage(await listClients(db, query, actor), LIMIT, ({ id }) => id);
}

export const findClient = ({ db, actor }: AdminDeps, id: string): Promise<ClientDetails | null> =>
  findClientDetails(db, id, actor);

/** What would end if these clients were blocked or deleted. */
export const readClientsToEnd = ({ db, actor }: AdminDeps, ids: readonly string[]): Promise<ClientsToEnd> =>
  findClientsToEnd(db, ids, actor);

/** A page of initial access tokens, by default newest first. `search` is a part of a label. */
export async function readInitialAccessTokens(
  { db, actor }: AdminDeps,
  search: string | null = null,
  after: string | null = null,
  { state = null, oldestFirst = false }: Partial<Pick<TokenQuery, "state" | "oldestFirst">> = {},
): Promise<PageOf<InitialAccessToken>> {
  const from = z.uuid().safeParse(after).data ?? null;
  const query = { search: toNeedle(search, 100), after: from, state, oldestFirst, limit: TOKEN_LIMIT + 1 };
  return toPage(await listInitialAccessTokens(db, query, actor), TOKEN_LIMIT, ({ id }) => id);
}

/** So many connections stand on the page of a person or an app. */
const FEW = 10;

export const readConnectionsOfPerson = ({ db, actor }: AdminDeps, email: string): Promise<UsedConnection[]> =>
  listConnectionsOfUser(db, email, FEW, actor);

export const readConnectionsOfApp = ({ db, actor }: AdminDeps, clientId: string): Promise<UsedConnection[]> =>
  listConnectionsOfClient(db, clientId, FEW, actor);

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
): Promise<PageOf<ListedConnection> | { readonly problem: string }> {
  if (after !== null && !z.uuid().safeParse(after).success) return { problem: "--after takes the id of a connection." };
  const query = {
    email: user?.trim().toLowerCase() ?? null,
    clientId: client,
    resourceUri: resource === null ? null : (canonicalResource(resource) ?? resource),
    after,
    limit: LIMIT + 1,
  };
  const rows = await listLiveConnections(db, query, actor);
  return toPage({ rows, walkedTo: null }, LIMIT, ({ id }) => id);
}
