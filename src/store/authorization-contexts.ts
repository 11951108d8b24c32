import { type SQL, sql } from "drizzle-orm";
import type { Digest } from "../lib/hash.ts";
import type { ClientRegistration } from "./clients.ts";
import type { Database } from "./database.ts";
import { type Resource, resourceAsJson } from "./resources.ts";
import { after, bytes, instant, text } from "./sql.ts";

/** What an authorization request is judged by: who is signed in, which client asks, for which resource. */
export type AuthorizationContext = {
  readonly session: AuthorizationSession | null;
  readonly client: AuthorizationClient | null;
  readonly resource: Resource | null;
};

export type AuthorizationSession = {
  readonly userId: string;
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly authenticatedAt: number;
};

export type AuthorizationClient = {
  readonly id: string;
  readonly registration: ClientRegistration;
  readonly name: string;
  readonly redirectUris: string[];
  /** The only resource it may ask for, or null. */
  readonly resourceId: string | null;
  /** Hex of the digest that consent is bound to. */
  readonly fingerprint: string;
  readonly approved: boolean;
  readonly disabled: boolean;
  /** For clients of metadata documents. Milliseconds since 1970. */
  readonly document: { readonly fetchedAt: number; readonly freshUntil: number } | null;
};

export type AuthorizationQuery = {
  readonly sessionDigest: Digest | null;
  readonly sessionIdleSeconds: number;
  readonly clientId: string;
  /** null asks for the default resource. */
  readonly resourceUri: string | null;
};

/** A session is stamped as seen at most this often, so that reading pages doesn't write a row each time. */
const SEEN_SECONDS = 300;

const milliseconds = (column: SQL): SQL => sql`floor(extract(epoch from ${column}) * 1000)`;

/** All that `GET /authorize` needs, in one round trip. */
export async function findAuthorizationContext(
  db: Database,
  query: AuthorizationQuery,
  now: Date,
): Promise<AuthorizationContext> {
  const [row] = await db.run<AuthorizationContext>(sql`
    with live as (
      select s.digest, s.last_seen_at, s.authenticated_at, u.id, u.email
      from sessions s join users u on u.id = s.user_id
      where s.digest = ${bytes(query.sessionDigest)} and s.expires_at > ${instant(now)}
        and s.last_seen_at > ${after(now, -query.sessionIdleSeconds)} and u.disabled_at is null),
    seen as (
      update sessions s set last_seen_at = ${instant(now)} from live
      where s.digest = live.digest and live.last_seen_at < ${after(now, -SEEN_SECONDS)})
    select
      (select jsonb_build_object('userId', id, 'email', email,
        'authenticatedAt', ${milliseconds(sql`authenticated_at`)}) from live) as "session",
      (select jsonb_build_object('id', c.id, 'registration', c.registration, 'name', c.name,
        'redirectUris', to_jsonb(c.redirect_uris), 'resourceId', c.resource_id,
        'fingerprint', encode(c.fingerprint, 'hex'),
        'approved', c.approved_fingerprint is not distinct from c.fingerprint,
        'disabled', c.disabled_at is not null,
        'document', case when c.document_fetched_at is not null then jsonb_build_object(
          'fetchedAt', ${milliseconds(sql`c.document_fetched_at`)},
          'freshUntil', ${milliseconds(sql`c.document_fresh_until`)}) end)
        from clients c where c.id = ${text(query.clientId)}) as "client",
      (select ${resourceAsJson} from resources r
        where r.uri = ${text(query.resourceUri)} or (${text(query.resourceUri)} is null and r.is_default)) as "resource"`);
  if (!row) throw new Error("a row was expected");
  return row;
}
