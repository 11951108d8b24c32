import { type SQL, sql } from "drizzle-orm";
import type { ClientRegistration } from "./clients.ts";
import type { Database } from "./database.ts";
import { epoch, integer, text } from "./sql.ts";
import { countLiveFamilies } from "./token-families.ts";

export type ClientSummary = {
  readonly id: string;
  readonly name: string;
  readonly registration: ClientRegistration;
  readonly redirectUris: string[];
  /** Seconds since 1970. */
  readonly createdAt: number;
  readonly approved: boolean;
  readonly disabled: boolean;
  readonly liveFamilies: number;
};

/** Over a page of `clients c`. */
const selectSummaries = (page: SQL, now: Date): SQL => sql`
  with page as (${page}), ${countLiveFamilies("client_id", now)}
  select c.id, c.name, c.registration, c.redirect_uris as "redirectUris", ${epoch(sql`c.created_at`)} as "createdAt",
    c.approved_fingerprint is not distinct from c.fingerprint as "approved",
    c.disabled_at is not null as "disabled", coalesce(live.families, 0) as "liveFamilies",
    c.client_uri as "clientUri", c.grant_types as "grantTypes", c.authentication_methods as "authenticationMethods",
    c.jwks_uri as "jwksUri", r.uri as "resourceUri", encode(c.fingerprint, 'hex') as "fingerprint"
  from page c left join live on live.id = c.id left join resources r on r.id = c.resource_id
  order by c.created_at desc, c.id desc`;

export type ClientQuery = {
  /** A part of the name, or the start of the id; null for all. */
  readonly search: string | null;
  /** The id of the client that the page comes after. */
  readonly after: string | null;
  readonly limit: number;
};

/** A page of clients, the newest first. */
export const listClients = (db: Database, { search, after, limit }: ClientQuery, now: Date): Promise<ClientSummary[]> =>
  db.read<ClientSummary>(
    selectSummaries(
      sql`select * from clients c
        where (${text(search)} is null
            or strpos(lower(c.name), lower(${text(search)})) > 0 or starts_with(c.id, ${text(search)}))
          and (${text(after)} is null
            or (c.created_at, c.id) < (select l.created_at, l.id from clients l where l.id = ${text(after)}))
        order by c.created_at desc, c.id desc limit ${integer(limit)}`,
      now,
    ),
  );

export type ClientDetails = ClientSummary & {
  readonly clientUri: string | null;
  readonly grantTypes: string[];
  readonly authenticationMethods: string[];
  readonly jwksUri: string | null;
  /** The only resource that it may ask for. */
  readonly resourceUri: string | null;
  /** Of its name, redirect URIs and keys. Hex. */
  readonly fingerprint: string;
};

export async function findClientDetails(db: Database, id: string, now: Date): Promise<ClientDetails | null> {
  const [client] = await db.read<ClientDetails>(
    selectSummaries(sql`select * from clients where id = ${text(id)}`, now),
  );
  return client ?? null;
}
