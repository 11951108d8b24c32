import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import { LAST_USED_AT } from "./connections.ts";
import type { Database } from "./database.ts";
import { MOST_WALKED } from "./list-walk.ts";
import { epoch, integer, text, timestamptz, uuid } from "./sql.ts";

/** A live token family as the operator sees it. Times in seconds since 1970. */
export type ListedConnection = {
  readonly id: string;
  /** Null for a machine. */
  readonly email: string | null;
  readonly clientId: string;
  readonly clientName: string;
  readonly resourceUri: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
};

type ConnectionQuery = {
  readonly email: string | null;
  readonly clientId: string | null;
  readonly resourceUri: string | null;
  /** The id of the connection after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
};

/** A page of live connections in the order of their ids: all, or those of a person, an app or a server. */
export const listLiveConnections = (
  db: Database,
  { email, clientId, resourceUri, after, limit }: ConnectionQuery,
  actor: Actor,
): Promise<ListedConnection[]> =>
  db.list<ListedConnection>(sql`
    select f.id, u.email, f.client_id as "clientId", c.name as "clientName", r.uri as "resourceUri", f.scopes,
      ${epoch(sql`f.created_at`)} as "createdAt", ${epoch(sql`f.expires_at`)} as "expiresAt"
    from token_families f join clients c on c.id = f.client_id join resources r on r.id = f.resource_id
      left join users u on u.id = f.user_id
    where ${isAuthorized(actor)} and f.revoked_at is null and f.expires_at > ${timestamptz(actor.now)}
      and (${text(email)} is null or u.email = ${text(email)})
      and (${text(clientId)} is null or f.client_id = ${text(clientId)})
      and (${text(resourceUri)} is null or r.uri = ${text(resourceUri)})
      and (${uuid(after)} is null or f.id > ${uuid(after)})
    order by f.id limit ${integer(limit)}`);

/** A live token family on the owner's page of its person or its client. Times in seconds since 1970. */
export type UsedConnection = Pick<ListedConnection, "id" | "email" | "clientId" | "clientName" | "createdAt"> & {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly lastUsedAt: number;
};

const isLive = (now: Date): SQL => sql`f.revoked_at is null and f.expires_at > ${timestamptz(now)}`;

/** The newest live connections of a person. Those that ended are among them in the index, so the search is bounded. */
export const listConnectionsOfUser = (db: Database, email: string, limit: number, actor: Actor) =>
  describe(
    db,
    sql`
      select * from (
        select * from token_families f where f.user_id = (select u.id from users u where u.email = ${text(email)})
        order by f.created_at desc, f.id desc limit ${integer(MOST_WALKED)}) f
      where ${isLive(actor.now)} and ${isAuthorized(actor)}
      order by f.created_at desc, f.id desc limit ${integer(limit)}`,
  );

/** Live families of a client: those that last longest, which are the newest as a rule. */
export const newestOfClient = (clientId: SQL, limit: number, actor: Actor): SQL => sql`
  select * from token_families f where f.client_id = ${clientId} and ${isLive(actor.now)} and ${isAuthorized(actor)}
  order by f.revoked_at desc, f.expires_at desc limit ${integer(limit)}`;

export const listConnectionsOfClient = (db: Database, clientId: string, limit: number, actor: Actor) =>
  describe(db, newestOfClient(text(clientId), limit, actor));

const describe = (db: Database, families: SQL): Promise<UsedConnection[]> =>
  db.list<UsedConnection>(sql`
    with page as materialized (${families})
    select f.id, u.email, f.client_id as "clientId", c.name as "clientName", f.resource_id as "resourceId",
      r.name as "resourceName", ${epoch(sql`f.created_at`)} as "createdAt", ${LAST_USED_AT} as "lastUsedAt"
    from page f join clients c on c.id = f.client_id join resources r on r.id = f.resource_id
      left join users u on u.id = f.user_id
    order by f.created_at desc, f.id desc`);
