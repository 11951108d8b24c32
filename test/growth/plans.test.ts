import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startsOfDays } from "../../src/lib/days.ts";
import { listDailyCounts } from "../../src/store/audit-days.ts";
import { listAuditEvents } from "../../src/store/audit-listing.ts";
import { findClientDetails, findClientsToEnd, listClients } from "../../src/store/client-listing.ts";
import { insertRegisteredClient } from "../../src/store/clients.ts";
import { listConnectionEvents } from "../../src/store/connection-events.ts";
import { listConnectionsOfClient, listConnectionsOfUser } from "../../src/store/connection-listing.ts";
import { findConnection, listConnections } from "../../src/store/connections.ts";
import type { Database } from "../../src/store/database.ts";
import { expiredRows } from "../../src/store/expired-rows.ts";
import { findGroup, listGroups, listGroupsOfUser } from "../../src/store/groups.ts";
import { listInitialAccessTokens } from "../../src/store/initial-access-tokens.ts";
import { findIssuedTokens } from "../../src/store/issued-tokens.ts";
import { findOverviewCounts } from "../../src/store/overview.ts";
import { findResource, listResources } from "../../src/store/resource-listing.ts";
import { listSessions } from "../../src/store/sessions.ts";
import { revokeTokenFamilies } from "../../src/store/token-families.ts";
import { insertToolCalls } from "../../src/store/tool-calls.ts";
import { listUsers } from "../../src/store/user-listing.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { accessDigestOf, familyOf, fill, LARGEST_CLIENT, personOf, refreshDigestOf } from "../support/growth.ts";
import { connectExplained, type ExecutedPlan, rowsRead } from "../support/plans.ts";
import { operator, REDIRECT_URI } from "../support/store-fixture.ts";

/** `npm run test:growth` takes a million tokens. */
const FAMILIES = Number(process.env["GROWTH_FAMILIES"] ?? 20_000);
/**
 * How many rows a page may look through, and how many connections it may count for each of fifty things that it lists.
 */
const PAGE = 2000 + 50 * 100 + 2000;

const gatehouse = await startGatehouse();
const { resource } = gatehouse;
const explained = await connectExplained(gatehouse.services.databaseUrl);
afterAll(() => explained.end());
beforeAll(() => fill(gatehouse, FAMILIES), 300_000);

type Work = (db: Database) => Promise<unknown>;
const now = () => new Date();
const events = (filter: Partial<Parameters<typeof listAuditEvents>[1]>): Work => {
  const all = {
    name: null,
    email: null,
    clientId: null,
    resource: null,
    since: null,
    before: null,
    after: null,
    limit: 51,
  };
  return (db) => listAuditEvents(db, { ...all, ...filter }, operator());
};
const servers = (query: Partial<Parameters<typeof listResources>[1]>): Work => {
  const all = { search: null, after: null, limit: 51, state: null, fromZ: false };
  return (db) => listResources(db, { ...all, ...query }, operator());
};
const groups =
  (query: Partial<Parameters<typeof listGroups>[1]>): Work =>
  (db) =>
    listGroups(db, { search: null, after: null, limit: 51, ...query }, operator());
const CONNECTIONS = { search: null, after: null, limit: 26, oldestFirst: false };
const call = (n: number) => ({
  tokenId: Buffer.from(accessDigestOf(n)).toString("hex").slice(0, 32),
  address: null,
  details: { tool: "x" },
});

const newClient = () => ({
  id: crypto.randomUUID(),
  registration: "dynamic" as const,
  registrationDigest: null,
  approved: false,
  name: "App",
  clientUri: null,
  redirectUris: [REDIRECT_URI],
  grantTypes: ["authorization_code"],
  scope: null,
  applicationType: "web" as const,
  authenticationMethods: ["none"],
  secretDigest: null,
  jwks: null,
  jwksUri: null,
  fingerprint: new Uint8Array(32),
});

/** Each with the number of rows that it may read, however many exist. */
const WORK: Readonly<Record<string, readonly [number, Work]>> = {
  "the tokens of a lost answer": [
    20,
    (db) => findIssuedTokens(db, { accessDigest: accessDigestOf(7), refreshDigest: refreshDigestOf(7, 3) }),
  ],
  "the record of ten tool calls": [
    100,
    async (db) => {
      const [credential] = await gatehouse.owner.db.read<{ digest: string }>(
        sql`select encode(digest, 'hex') as digest from introspection_credentials where resource_id = ${resource.id}`,
      );
      const credentialDigest = new Uint8Array(Buffer.from(credential?.digest ?? "", "hex"));
      const calls = Array.from({ length: 10 }, (_, n) => call(FAMILIES - n));
      expect(await insertToolCalls(db, { credentialDigest, resourceId: resource.id }, calls, operator())).toBe(10);
    },
  ],
  "the revocation of a connection": [
    20,
    (db) => revokeTokenFamilies(db, { familyId: familyOf(21) }, "refresh_token_reused", operator()),
  ],
  "the revocation of a person's connections with a client": [
    60,
    (db) => revokeTokenFamilies(db, { userId: personOf(5), clientId: LARGEST_CLIENT }, "code_replayed", operator()),
  ],
  "a person's connections": [PAGE, (db) => listConnections(db, personOf(9), { ...CONNECTIONS, which: "live" }, now())],
  "a person's ended connections": [
    PAGE,
    (db) => listConnections(db, personOf(9), { ...CONNECTIONS, which: "ended", after: familyOf(85) }, now()),
  ],
  "a registration": [
    200,
    async (db) => expect(await insertRegisteredClient(db, newClient(), "open", 1000, operator())).toBeTruthy(),
  ],
  "registration tokens": [
    PAGE,
    (db) =>
      listInitialAccessTokens(
        db,
        { search: null, after: null, limit: 51, state: "active", oldestFirst: false },
        operator(),
      ),
  ],
  "one connection": [60, (db) => findConnection(db, personOf(9), familyOf(85), 600, operator())],
  "the history of a connection": [60, (db) => listConnectionEvents(db, familyOf(85), 500)],
  "a person's sign-ins": [60, (db) => listSessions(db, personOf(9), 3600, now())],
  apps: [
    PAGE,
    (db) => listClients(db, { search: null, after: null, limit: 51, state: null, oldestFirst: false }, operator()),
  ],
  "the next apps": [
    PAGE,
    (db) =>
      listClients(db, { search: null, after: "client_9000", limit: 51, state: null, oldestFirst: false }, operator()),
  ],
  "a search among apps that finds nothing": [
    PAGE,
    (db) => listClients(db, { search: "nothing", after: null, limit: 51, state: null, oldestFirst: false }, operator()),
  ],
  "an app": [400, (db) => findClientDetails(db, LARGEST_CLIENT, operator())],
  "a hundred apps that are to be deleted": [
    2000,
    (db) =>
      findClientsToEnd(
        db,
        Array.from({ length: 100 }, (_, n) => `client_${n + 1}`),
        operator(),
      ),
  ],
  "who uses an app": [200, (db) => listConnectionsOfClient(db, LARGEST_CLIENT, 10, operator())],
  "what an owner sees of a person's connections": [
    200,
    (db) => listConnectionsOfUser(db, "person9@example.com", 10, operator()),
  ],
  people: [
    PAGE,
    (db) => listUsers(db, { search: null, after: null, limit: 51, state: null, fromZ: false }, operator()),
  ],
  "a search among people that finds nobody": [
    PAGE,
    (db) => listUsers(db, { search: "nobody", after: "person2", limit: 51, state: null, fromZ: false }, operator()),
  ],
  groups: [PAGE, groups({})],
  "the next groups": [PAGE, groups({ after: "Group 5000" })],
  "a search among groups that finds nothing": [PAGE, groups({ search: "nothing" })],
  "one group": [20, (db) => findGroup(db, { name: "Group 77", id: null }, operator())],
  "a person's groups": [60, (db) => listGroupsOfUser(db, "person9@example.com", operator())],
  servers: [PAGE, servers({})],
  "the next servers": [PAGE, servers({ after: "https://5000.example/mcp" })],
  "a search among servers that finds nothing": [PAGE, servers({ search: "nothing" })],
  "servers with an unused credential when there are none": [PAGE, servers({ state: "unused" })],
  "a server": [400, (db) => findResource(db, resource.id, operator())],
  overview: [
    1000,
    (db) => listDailyCounts(db, ["signed_in", "token_refreshed"], startsOfDays(now(), "Asia/Kolkata", 14), operator()),
  ],
  "the counts of the overview": [9000, (db) => findOverviewCounts(db, operator())],
  "the audit log": [1000, events({})],
  "the audit log, further back": [1000, events({ before: 7000 })],
  "events with a name": [1000, events({ name: "token_refreshed" })],
  "events with a name that never occurred": [10, events({ name: "user_deleted" })],
  "events of the last day": [PAGE, events({ since: new Date(Date.now() - 86_400_000) })],
  "rare events of an app": [PAGE, events({ name: "user_deleted", clientId: LARGEST_CLIENT })],
  "events of a server, of which there are none": [PAGE, events({ resource: "https://5000.example/mcp" })],
  "rare events of a server, some way back": [
    PAGE,
    events({ resource: "https://5000.example/mcp", name: "signed_in", before: 7000 }),
  ],
  "the audit log, from further back to newer events": [1000, events({ after: 7000 })],
  "newer events of a person and a server": [
    200,
    events({ email: "person9@example.com", resource: "https://5000.example/mcp", after: 10 }),
  ],
  "events of a person": [200, events({ email: "person9@example.com" })],
};

describe.each(["unanalyzed", "analyzed"])(`plans with ${FAMILIES} connections of one app, %s`, (state) => {
  if (state === "analyzed") beforeAll(() => gatehouse.owner.db.run(sql`analyze`), 120_000);

  test.each(Object.entries(WORK))("P6 reading or changing %s reads only its own rows", async (_, [bound, work]) => {
    expectBounded(await explained.explain(work), bound);
  });

  test.each(Object.entries(expiredRows({ replaySeconds: 600, auditDays: 365 })))(
    "P6 a clean-up of %s with nothing to delete reads almost nothing",
    async (_, deleteExpired) => {
      expectBounded(await explained.explain((db) => deleteExpired(db, now(), 100)), 10);
    },
  );

  test.each([
    ["access_tokens", 0.1],
    ["refresh_tokens", 40],
    ["spent_refresh_tokens", 40],
    ["token_families", 800],
    ["clients", 31],
    ["refresh_events", 10],
    ["recent_refreshes", 10],
    ["audit_events", 400],
  ] as const)("P6 a clean-up of %s reads only the rows that it deletes", async (name, days) => {
    const later = new Date(Date.now() + days * 86_400_000);
    const deleteExpired = expiredRows({ replaySeconds: 600, auditDays: 365 })[name];
    const plans = await explained.explain(async (db) => expect(await deleteExpired(db, later, 100)).toBe(100));
    expectBounded(plans, 3000);
  });
});

function expectBounded(plans: readonly ExecutedPlan[], bound: number): void {
  expect(plans.length).toBeGreaterThan(0);
  const read = rowsRead(plans);
  expect(read, plans.map(({ query, scans }) => `${query}\n${scans.join("\n")}`).join("\n\n")).toBeLessThanOrEqual(
    bound,
  );
}
