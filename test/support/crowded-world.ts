import { randomBytes } from "node:crypto";
import { type SQL, sql } from "drizzle-orm";
import { DEVICE_CODE_GRANT, JWT_BEARER_GRANT } from "../../src/oauth/grant-type.ts";
import type { Actor } from "../../src/store/actor.ts";
import type { Database } from "../../src/store/database.ts";
import { bytea, textArray } from "../../src/store/sql.ts";
import { digest, REDIRECT_URI } from "./store-fixture.ts";

/**
 * People, clients, resources and everything that depends on them, one of each kind, so that any two statements about
 * them use the same rows. Digests are by name.
 */
export type World = {
  readonly db: Database;
  readonly name: string;
  readonly email: string;
  readonly userId: string;
  readonly clientId: string;
  readonly documentId: string;
  readonly machineId: string;
  readonly resourceId: string;
  readonly resourceUri: string;
  readonly provider: string;
  readonly familyId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly linkId: string;
  readonly groupId: string;
  /** A group whose members the provider names. */
  readonly followedGroupId: string;
  /** The rules that name the member, and their group. */
  readonly ruleIds: { readonly person: string; readonly group: string };
  readonly inviteeEmail: string;
  /** A trusted issuer, by id and name, that vouches for the member and signs for a program. */
  readonly issuerId: string;
  readonly workloadId: string;
  readonly digests: Readonly<Record<DigestName, Uint8Array>>;
  /** The owner and the member, each by a session. */
  readonly owner: () => Actor;
  readonly member: () => Actor;
};

const DIGEST_NAMES = [
  "access",
  "code",
  "connect",
  "device",
  "fingerprint",
  "identityState",
  "initial",
  "introspection",
  "invitation",
  "joinState",
  "ownerSession",
  "recovery",
  "refresh",
  "registration",
  "reset",
  "secondSession",
  "secret",
  "session",
  "signInState",
  "spent",
  "state",
  "userCode",
] as const;
type DigestName = (typeof DIGEST_NAMES)[number];

const by = (sessionDigest: Uint8Array, role: "owner" | "member") => (): Actor => ({
  now: new Date(),
  address: "192.0.2.1",
  authority: { digest: sessionDigest, idleSeconds: 36_000, role, signedInSince: null },
});

/** The member's session, used as if it were an owner's. */
export const asOwner = ({ member: signedIn }: World): Actor => {
  const { authority, ...member } = signedIn();
  return { ...member, authority: typeof authority === "string" ? authority : { ...authority, role: "owner" } };
};

/** Somebody without any session. */
export const nobody = ({ owner }: World): Actor => ({ ...owner(), authority: "nobody" });

/** The only world of a database, whatever was there before. */
export async function createWorld(db: Database): Promise<World> {
  await db.batch([WITHOUT_TRIGGERS, EMPTY]);
  return addWorld(db);
}

/** Adds a world without triggers, so that this is fast even if a test makes its writes sleep. */
export async function addWorld(db: Database): Promise<World> {
  const name = randomBytes(6).toString("hex");
  const digests = Object.fromEntries(DIGEST_NAMES.map((each) => [each, digest()])) as Record<DigestName, Uint8Array>;
  const world: World = {
    db,
    name,
    email: `${name}@example.com`,
    userId: crypto.randomUUID(),
    clientId: `client_${name}`,
    documentId: `https://${name}.example/client.json`,
    machineId: `machine_${name}`,
    resourceId: name,
    resourceUri: `https://${name}.example/mcp`,
    provider: `p${name}`,
    familyId: crypto.randomUUID(),
    accountId: crypto.randomUUID(),
    requestId: crypto.randomUUID(),
    linkId: crypto.randomUUID(),
    groupId: crypto.randomUUID(),
    followedGroupId: crypto.randomUUID(),
    ruleIds: { person: crypto.randomUUID(), group: crypto.randomUUID() },
    inviteeEmail: `${name}-invited@example.com`,
    issuerId: crypto.randomUUID(),
    workloadId: `workload_${name}`,
    digests,
    owner: by(digests.ownerSession, "owner"),
    member: by(digests.session, "member"),
  };
  await db.batch([WITHOUT_TRIGGERS, ...rowsOf(world)]);
  return world;
}

const WITHOUT_TRIGGERS = sql`select set_config('session_replication_role', 'replica', true)`;

const EMPTY = sql`do $$ declare t text; begin
  for t in select tablename from pg_tables where schemaname = 'public' loop execute format('delete from %I', t); end loop;
end $$`;

const SOON = sql`now() + interval '1 hour'`;

function rowsOf(world: World): SQL[] {
  const { digests: d, name } = world;
  const owner = crypto.randomUUID();
  const client = (id: string, registration: string, grants: string[], secret: Uint8Array | null) => sql`
    insert into clients (id, registration, name, redirect_uris, redirect_hosts, grant_types, scope, application_type, authentication_methods,
      secret_digest, fingerprint, registration_digest, resource_id, document_fetched_at, document_fresh_until, jwks_uri)
    values (${id}, ${registration}, 'Racer', ${textArray([REDIRECT_URI])}, '{app.example}', ${textArray(grants)}, 'mcp:tools', 'web',
      ${textArray([secret ? "client_secret_basic" : "none"])}, ${bytea(secret)}, ${bytea(d.fingerprint)},
      ${registration === "dynamic" ? bytea(d.registration) : sql`null`}, ${secret ? world.resourceId : null},
      ${registration === "metadata_document" ? sql`now(), now()` : sql`null, null`}, 'https://keys.example')`;
  const family = (id: string, user: SQL) => sql`
    insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, expires_at,
      narrowed_from, narrowed_at, narrowed_by, issuer_id)
    values (${id}, ${user}, ${world.clientId}, ${name}, '{mcp:tools,mcp:prompts}', 'none', ${SOON},
      '{mcp:tools,mcp:prompts,mcp:resources}', now(), ${bytea(d.session)}, ${world.issuerId})`;
  const session = (digest: Uint8Array, user: string) => sql`
    insert into sessions (digest, user_id, authentication_method, authenticated_at, last_seen_at, expires_at)
    values (${bytea(digest)}, ${user}, 'password', now(), now() - interval '20 minutes', ${SOON})`;
  const code = (digest: Uint8Array, family: string | null) => sql`
    insert into authorization_codes (digest, client_id, user_id, resource_id, scopes, redirect_uri, code_challenge, expires_at,
      redeemed_at, family_id)
    values (${bytea(digest)}, ${world.clientId}, ${world.userId}, ${name}, '{mcp:tools}', ${REDIRECT_URI}, ${"c".repeat(43)}, ${SOON},
      ${family ? sql`now()` : sql`null`}, ${family}::uuid)`;
  return [
    sql`insert into users (id, email, role) values
      (${owner}, ${`${name}-owner@example.com`}, 'owner'), (${world.userId}, ${world.email}, 'member')`,
    session(d.ownerSession, owner),
    session(d.session, world.userId),
    session(d.secondSession, world.userId),
    sql`insert into passkeys (id, user_id, name, public_key, signature_counter, transports, backed_up)
      select ${name} || n, ${world.userId}::uuid, 'Key', '\\x00', 0, '{}', false from generate_series(1, 2) n`,
    sql`insert into recovery_codes (digest, user_id) values (${bytea(d.recovery)}, ${world.userId})`,
    sql`insert into setup_links (digest, id, role, email, user_id, created_by, expires_at) values
      (${bytea(d.invitation)}, gen_random_uuid(), 'member', ${world.inviteeEmail}, null, ${owner}, ${SOON}),
      (${bytea(d.reset)}, ${world.linkId}, null, null, ${world.userId}, ${owner}, ${SOON})`,
    sql`insert into resources (id, uri, name) values (${name}, ${world.resourceUri}, 'Racing')`,
    sql`insert into groups (id, name) values (${world.groupId}, ${name})`,
    sql`insert into group_members (group_id, user_id) values (${world.groupId}, ${world.userId})`,
    sql`insert into access_rules (id, resource_id, user_id, group_id) values
      (${world.ruleIds.person}, ${name}, ${world.userId}, null), (${world.ruleIds.group}, ${name}, null, ${world.groupId})`,
    sql`insert into scopes (resource_id, name, description, position, needs)
      select ${name}, s, s, n, jsonb_build_object(${world.provider}::text, '["read"]'::jsonb)
      from unnest(array['mcp:tools', 'mcp:prompts', 'mcp:resources']) with ordinality x(s, n)`,
    sql`insert into introspection_credentials (digest, resource_id, slot) values (${bytea(d.introspection)}, ${name}, 1)`,
    sql`insert into initial_access_tokens (digest, id, label, resource_id) values
      (${bytea(d.initial)}, ${world.linkId}, 'One', ${name})`,
    client(
      world.clientId,
      "dynamic",
      ["authorization_code", "refresh_token", DEVICE_CODE_GRANT, JWT_BEARER_GRANT],
      null,
    ),
    client(world.documentId, "metadata_document", ["authorization_code"], null),
    client(world.machineId, "preregistered", ["client_credentials"], d.secret),
    sql`insert into app_rules (kind, pattern, decision) values ('document', ${`${name}.example`}, 'ask')`,
    sql`insert into app_requests (id, user_id, client_id, resource_id, scopes, redirect_host, fingerprint)
      values (${world.requestId}, ${world.userId}, ${world.documentId}, ${name}, '{mcp:tools}', 'app.example', ${bytea(d.fingerprint)})`,
    sql`insert into trusted_issuers (id, name, issuer, jwks_uri, vouches, joining) values
      (${world.issuerId}, ${`i${name}`}, ${`https://${name}.example`}, 'https://keys.example', true, '{everybody}')`,
    sql`insert into issuer_subjects (issuer_id, subject, user_id) values (${world.issuerId}, 'me', ${world.userId})`,
    sql`insert into clients (id, registration, name, redirect_uris, grant_types, scope, application_type, authentication_methods,
        fingerprint, resource_id)
      values (${world.workloadId}, 'preregistered', 'Program', '{}', '{}', 'mcp:tools', 'web', '{}', '\\x00', ${name})`,
    sql`insert into workload_rules (client_id, issuer_id, audience, claims) values
      (${world.workloadId}, ${world.issuerId}, 'us', '{}')`,
    family(world.familyId, sql`${world.userId}::uuid`),
    family(crypto.randomUUID(), sql`${world.userId}::uuid`),
    family(crypto.randomUUID(), sql`null::uuid`),
    sql`insert into access_tokens (digest, family_id, generation, scopes, expires_at)
      values (${bytea(d.access)}, ${world.familyId}, 0, '{mcp:tools}', ${SOON})`,
    sql`insert into refresh_tokens (digest, family_id, generation, expires_at) values
      (${bytea(d.refresh)}, ${world.familyId}, 0, ${SOON})`,
    code(d.code, null),
    code(d.spent, world.familyId),
    sql`insert into device_codes (digest, user_code_hash, client_id, resource_id, scopes, poll_seconds, session_digest, expires_at)
      values (${bytea(d.device)}, ${bytea(d.userCode)}, ${world.clientId}, ${name}, '{mcp:tools}', 5, ${bytea(d.session)}, ${SOON})`,
    sql`insert into providers (slug, name, kind, issuer, client_id, description, scopes, signs_in) values
      (${world.provider}, 'Provider', 'oauth2', 'https://provider.example', 'us', '{}', '[]', true)`,
    sql`insert into provider_resources (provider, resource_id) values (${world.provider}, ${name})`,
    sql`insert into provider_states (digest, provider, browser_digest, purpose, sealed, expires_at, claimed_at) values
      (${bytea(d.state)}, ${world.provider}, ${bytea(d.session)}, 'account', '', ${SOON}, now())`,
    ...(["signInState", "joinState", "identityState"] as const).map(
      (state) => sql`
        insert into provider_states (digest, provider, browser_digest, purpose, sealed, expires_at, claimed_at) values
          (${bytea(d[state])}, ${world.provider}, ${bytea(d.session)},
            ${state === "identityState" ? "identity" : "sign_in"}, '', ${SOON}, now())`,
    ),
    sql`insert into identities (provider, subject, id, user_id, label) values
      (${world.provider}, 'me', ${world.linkId}, ${world.userId}, 'me')`,
    sql`insert into groups (id, name, provider, rule) values (${world.followedGroupId}, ${`${name}-followed`}, ${world.provider}, 'org:x')`,
    sql`insert into access_rules (resource_id, group_id) values (${name}, ${world.followedGroupId})`,
    sql`insert into linked_accounts (id, user_id, provider, subject, label, scopes, sealed, wrapped_key, key_version) values
      (${world.accountId}, ${world.userId}, ${world.provider}, 'me', 'me', '{read}', '', '', '1')`,
    sql`insert into account_grants (account_id, resource_id, scopes) values (${world.accountId}, ${name}, '{}')`,
    sql`insert into connect_requests (digest, user_id, client_id, resource_id, provider, scopes, expires_at) values
      (${bytea(d.connect)}, ${world.userId}, ${world.clientId}, ${name}, ${world.provider}, '{read}', ${SOON})`,
  ];
}
