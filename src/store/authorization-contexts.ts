import { sql } from "drizzle-orm";
import { ownersToAsk } from "./access-rules.ts";
import type { SessionKey } from "./actor.ts";
import { type AppRule, judgeApp } from "./app-rules.ts";
import { type ClientRegistration, documentAsJson } from "./clients.ts";

import type { Database } from "./database.ts";
import { type NeededProvider, neededProviders } from "./needed-providers.ts";
import { type PreviousGrant, previousGrant } from "./previous-grant.ts";
import { type Resource, resourceAsJson } from "./resources.ts";
import { liveSession } from "./sessions.ts";
import { milliseconds, text, textArray } from "./sql.ts";

/** The facts by which an authorization request is judged: the signed-in person, the client, and the resource. */
export type AuthorizationContext = {
  readonly session: AuthorizationSession | null;
  readonly client: AuthorizationClient | null;
  readonly resource: Resource | null;
  /** The providers whose accounts the resource may use, with the person's own accounts. */
  readonly providers: readonly NeededProvider[];
  readonly previous: PreviousGrant | null;
  /** The scopes of the resource that the person may have. */
  readonly allowedScopes: readonly string[];
  /** What the rules say of the app, and whether they refuse the place where its answer would go. */
  readonly admission: { readonly decision: AppRule["decision"]; readonly refusesAnswer: boolean };
  /** The owners to ask for access, if the resource isn't for everybody. */
  readonly owners: readonly string[];
};

type AuthorizationSession = {
  readonly userId: string;
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly authenticatedAt: number;
};

type AuthorizationClient = {
  readonly id: string;
  readonly registration: ClientRegistration;
  readonly name: string;
  readonly redirectUris: string[];
  /** The only resource that it may ask for, or null. */
  readonly resourceId: string | null;
  /** The digest that consent is bound to, in hex. */
  readonly fingerprint: string;
  readonly approved: boolean;
  readonly disabled: boolean;
  /** Only for clients with a metadata document. Milliseconds since 1970. */
  readonly document: { readonly fetchedAt: number; readonly freshUntil: number } | null;
};

type AuthorizationContextQuery = {
  readonly session: SessionKey;
  readonly clientId: string;
  /** Where the answer would go. Null if the request doesn't say. */
  readonly redirectHost: string | null;
  /**
   * If null: the only resource that the client may ask for, the only one that offers the scopes, or the default one.
   */
  readonly resourceUri: string | null;
  /** Null if none were requested. */
  readonly scopes: readonly string[] | null;
};

/** Everything that `GET /authorize` needs, in one round trip. */
export async function findAuthorizationContext(
  db: Database,
  query: AuthorizationContextQuery,
  now: Date,
): Promise<AuthorizationContext> {
  const [row] = await db.run<AuthorizationContext>(sql`
    with ${liveSession(query.session, now)},
    requested as (
      select r.* from resources r
      where ${
        query.resourceUri === null
          ? sql`r.id = requested_resource_1(null,
              (select c.resource_id from clients c where c.id = ${text(query.clientId)}), ${textArray(query.scopes)})`
          : sql`r.uri = ${text(query.resourceUri)}`
      })
    select
      (select jsonb_build_object('userId', id, 'email', email,
        'authenticatedAt', ${milliseconds(sql`authenticated_at`)}) from live_session) as "session",
      (select jsonb_build_object('id', c.id, 'registration', c.registration, 'name', c.name,
        'redirectUris', to_jsonb(c.redirect_uris), 'resourceId', c.resource_id,
        'fingerprint', encode(c.fingerprint, 'hex'),
        'approved', c.approved_fingerprint is not distinct from c.fingerprint,
        'disabled', c.disabled_at is not null, 'document', ${documentAsJson})
        from clients c where c.id = ${text(query.clientId)}) as "client",
      (select ${resourceAsJson} from requested r) as "resource",
      ${neededProviders(sql`(select id from requested)`, sql`(select id from live_session)`)} as "providers",
      ${previousGrant(sql`(select id from live_session)`, text(query.clientId), sql`(select id from requested)`)} as "previous",
      coalesce((select to_jsonb(allowed_scopes_1(r.id, (select id from live_session),
        array(select s.name from scopes s where s.resource_id = r.id))) from requested r), '[]') as "allowedScopes",
      jsonb_build_object(
        'decision', coalesce(
          (select ${judgeApp(text(query.redirectHost))} from clients c where c.id = ${text(query.clientId)}),
          -- A document that was never fetched can be judged by where it is.
          case when starts_with(${text(query.clientId)}, 'https://') then
            judge_app_1('metadata_document', ${text(query.clientId)}, false, false, null, ${text(query.redirectHost)}) end, 'welcome'),
        'refusesAnswer', coalesce((app_rule_1('redirect', ${text(query.redirectHost)})).decision = 'refuse', false)) as "admission",
      ${ownersToAsk(sql`coalesce((select is_open from requested), true)`)} as "owners"`);
  if (!row) throw new Error("a row was expected");
  return row;
}
