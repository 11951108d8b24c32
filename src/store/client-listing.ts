import { type SQL, sql } from "drizzle-orm";
import { type Actor, isAuthorized } from "./actor.ts";
import type { ClientRegistration } from "./clients.ts";
import { newestOfClient } from "./connection-listing.ts";
import { LAST_USED_AT } from "./connections.ts";
import type { Database } from "./database.ts";
import { toWalked, type Walked, walk } from "./list-walk.ts";
import { epoch, text, textArray } from "./sql.ts";
import { countLiveFamilies, countLivePeople, someLiveFamilies } from "./token-families.ts";

export type ClientSummary = {
  readonly id: string;
  readonly name: string;
  readonly registration: ClientRegistration;
  readonly redirectUris: string[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly approved: boolean;
  readonly disabled: boolean;
  /** Whether it was ever granted anything, as far as records are kept. */
  readonly used: boolean;
  /** Up to `MOST_COUNTED`. */
  readonly liveFamilies: number;
};

export type ListedClient = ClientSummary & {
  /** When one of its newest live families was last used, in seconds since 1970. Null if it has none. */
  readonly lastUsedAt: number | null;
};

/**
 * So many families of each client are asked for their last use, since that is only known of each family. A client with
 * more is in use anyway.
 */
const MOST_ASKED = 20;

const isUsed = (table: "c" | "w"): SQL =>
  sql`exists (select from token_families f where f.client_id = ${sql.raw(table)}.id)`;

/** Columns of `clients c` and the `resources r` that they are bound to. */
const summaryColumns = (now: Date): SQL => sql`
  c.id, c.name, c.registration, c.redirect_uris as "redirectUris", ${epoch(sql`c.created_at`)} as "createdAt",
    c.approved_fingerprint is not distinct from c.fingerprint as "approved",
    c.disabled_at is not null as "disabled", ${isUsed("c")} as "used", ${countLiveFamilies("client_id", sql`c.id`, now)} as "liveFamilies",
    c.client_uri as "clientUri", c.grant_types as "grantTypes", c.authentication_methods as "authenticationMethods",
    c.jwks_uri as "jwksUri", r.uri as "resourceUri", encode(c.fingerprint, 'hex') as "fingerprint"`;

export type ClientQuery = {
  /** A part of the name, or the start of the id. Null for all. */
  readonly search: string | null;
  /** The id of the client after which the page begins. */
  readonly after: string | null;
  readonly limit: number;
  /** Null for all. */
  readonly state: ClientState | null;
  readonly oldestFirst: boolean;
};

export const CLIENT_STATES = ["unreviewed", "approved", "blocked", "unused"] as const;

/** The status that the owner has given a client, or that nobody has used it. */
export type ClientState = (typeof CLIENT_STATES)[number];

/** The same for a client `w`. */
function isInState(state: ClientState | null): SQL {
  switch (state) {
    case null:
      return sql`true`;
    case "unreviewed":
      return sql`(w.disabled_at is null and w.approved_fingerprint is distinct from w.fingerprint)`;
    case "approved":
      return sql`(w.disabled_at is null and w.approved_fingerprint = w.fingerprint)`;
    case "blocked":
      return sql`w.disabled_at is not null`;
    case "unused":
      return sql`not ${isUsed("w")}`;
  }
}

/** A page of clients, newest or oldest first. */
export async function listClients(
  db: Database,
  { search, after, limit, state, oldestFirst }: ClientQuery,
  actor: Actor,
): Promise<Walked<ListedClient>> {
  const [direction, opposite] = oldestFirst ? [sql`asc`, sql`desc`] : [sql`desc`, sql`asc`];
  const rows = sql`
    select * from clients c
    where ${isAuthorized(actor)} and (${text(after)} is null
      or (c.created_at, c.id) ${oldestFirst ? sql`>` : sql`<`} (select l.created_at, l.id from clients l where l.id = ${text(after)}))
    order by c.created_at ${direction}, c.id ${direction}`;
  return toWalked(
    await db.list(sql`
      with ${walk({
        from: rows,
        matches: sql`${isInState(state)} and (${text(search)} is null
          or strpos(lower(w.name), lower(${text(search)})) > 0 or starts_with(w.id, ${text(search)}))`,
        named: sql`select * from clients w
          where ${isAuthorized(actor)} and w.id = ${text(search)} and ${text(after)} is null and ${isInState(state)}`,
        order: sql`w.created_at ${direction}, w.id ${direction}`,
        reverse: sql`w.created_at ${opposite}, w.id ${opposite}`,
        cursor: sql`w.id`,
        limit,
      })}
      select ${summaryColumns(actor.now)},
        (select max(${LAST_USED_AT}) from (${newestOfClient(sql`c.id`, MOST_ASKED, actor)}) f) as "lastUsedAt",
        c.id is not null as "found", walk.walked_to as "walkedTo"
      from walk left join page c on true left join resources r on r.id = c.resource_id
      order by c.created_at ${direction}, c.id ${direction}`),
  );
}

export type ClientDetails = ClientSummary & {
  readonly clientUri: string | null;
  readonly grantTypes: string[];
  readonly authenticationMethods: string[];
  readonly jwksUri: string | null;
  /** The only resource that it may ask for. */
  readonly resourceUri: string | null;
  /** How many people would lose access if it were deleted. */
  readonly livePeople: number;
  /** The fingerprint that an approval is bound to, in hex. */
  readonly fingerprint: string;
};

export async function findClientDetails(db: Database, id: string, actor: Actor): Promise<ClientDetails | null> {
  const [client] = await db.list<ClientDetails>(sql`
    select ${summaryColumns(actor.now)}, ${countLivePeople("client_id", sql`c.id`, actor.now)} as "livePeople"
    from clients c left join resources r on r.id = c.resource_id
    where c.id = ${text(id)} and ${isAuthorized(actor)}`);
  return client ?? null;
}

/** Clients that are about to be blocked or deleted, and what would end. */
export type ClientsToEnd = {
  /** Those with the most live families first. Each is counted up to `MOST_COUNTED`. */
  readonly clients: readonly Pick<ClientSummary, "id" | "name" | "liveFamilies">[];
  /** How many people would lose access. */
  readonly livePeople: number;
};

export async function findClientsToEnd(db: Database, ids: readonly string[], actor: Actor): Promise<ClientsToEnd> {
  const rows = await db.list<ClientsToEnd["clients"][number] & { livePeople: number }>(sql`
    with clients_with_families as materialized (
      select c.id, c.name, f.id as family_id, f.user_id
      from clients c left join lateral ${someLiveFamilies("client_id", sql`c.id`, actor.now)} f on true
      where c.id = any(${textArray(ids)}) and ${isAuthorized(actor)})
    select id, name, count(family_id)::int as "liveFamilies",
      (select count(distinct user_id)::int from clients_with_families) as "livePeople"
    from clients_with_families group by id, name order by 3 desc, name, id`);
  return {
    clients: rows.map(({ livePeople: _, ...client }) => client),
    livePeople: rows[0]?.livePeople ?? 0,
  };
}
