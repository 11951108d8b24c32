import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findAccessRule, findResourceId, readAccessRules } from "../../src/flows/admin/access-rules.ts";
import { readActivity } from "../../src/flows/admin/activity.ts";
import type { AdminDeps } from "../../src/flows/admin/admin-deps.ts";
import { readAppRequests, readAppRules, readUnusedClients } from "../../src/flows/admin/app-rules.ts";
import { exportAuditEvents, readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { readGroup, readGroupPage, readGroups, readGroupsOf } from "../../src/flows/admin/groups.ts";
import { readIssuers } from "../../src/flows/admin/issuers.ts";
import * as lists from "../../src/flows/admin/lists.ts";
import { exportPerson } from "../../src/flows/admin/person.ts";
import { readProviderAccounts, readProviderServers, readProviders } from "../../src/flows/admin/providers.ts";
import { readRefusals } from "../../src/flows/admin/refusals.ts";
import { readSetupLinks } from "../../src/flows/admin/setup-links.ts";
import { readWorkloads } from "../../src/flows/admin/workloads.ts";
import type { Actor } from "../../src/store/actor.ts";
import { listGroupMembers } from "../../src/store/groups.ts";
import { findOverviewCounts } from "../../src/store/overview.ts";
import { upsertRefusedRequests } from "../../src/store/refused-requests.ts";
import { asOwner, createWorld, nobody, type World } from "../support/crowded-world.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { signIn } from "../support/store-fixture.ts";

const EVENTS = { name: null, email: null, clientId: null, days: null } as const;

/** Everything that an owner reads, by the name of its flow. */
const READS: Readonly<Record<string, (deps: AdminDeps, world: World) => Promise<unknown>>> = {
  exportAuditEvents: async (deps) => {
    const exported = exportAuditEvents(deps, EVENTS);
    return "problem" in exported ? exported : (await exported.batches.next()).value;
  },
  exportPerson: (deps, { email }) => exportPerson(deps, email),
  findAccessRule: (deps, { resourceId, email }) => findAccessRule(deps, resourceId, { kind: "person", email }),
  findClient: (deps, { clientId }) => lists.findClient(deps, clientId),
  findResourceByUri: (deps, { resourceUri }) => lists.findResourceByUri(deps, resourceUri),
  findResourceId: (deps, { resourceUri }) => findResourceId(deps, resourceUri),
  readAccessRules: (deps, { resourceId }) => readAccessRules(deps, resourceId),
  readActivity: async (deps) => ({ ...(await readActivity(deps)), days: [] }),
  readAppRequests,
  readAppRules,
  readAuditEvents: (deps) => readAuditEvents(deps, { ...EVENTS, before: null, limit: 10 }),
  readClients: (deps) => lists.readClients(deps, null, null),
  readClientsToEnd: (deps, { clientId }) => lists.readClientsToEnd(deps, [clientId]),
  readConnections: (deps) => lists.readConnections(deps, { user: null, client: null, resource: null, after: null }),
  readConnectionsOfApp: (deps, { clientId }) => lists.readConnectionsOfApp(deps, clientId),
  readConnectionsOfPerson: (deps, { email }) => lists.readConnectionsOfPerson(deps, email),
  readGroup: (deps, { name }) => readGroup(deps, name),
  "readGroup, its members": ({ db, actor }, { groupId }) => listGroupMembers(db, groupId, actor),
  readGroupPage: (deps) => readGroupPage(deps, null, null),
  readGroups,
  readGroupsOf: (deps, { email }) => readGroupsOf(deps, email),
  readInitialAccessTokens: (deps) => lists.readInitialAccessTokens(deps),
  readIssuers,
  "readOverview, beside readActivity": ({ db, actor }) => findOverviewCounts(db, actor),
  readProviderAccounts: (deps, { provider }) => readProviderAccounts(deps, provider),
  readProviderServers: (deps, { provider }) => readProviderServers(deps, provider),
  readProviders: (deps) => readProviders(deps, "https://auth.example"),
  readRefusals: (deps) => readRefusals(deps, { days: 1, clientId: null, requestId: null }),
  readResource: (deps, { resourceId }) => lists.readResource(deps, resourceId),
  readResources: (deps) => lists.readResources(deps, null, null),
  readSetupLinks,
  readUnusedClients: async (deps) => ({ ...(await readUnusedClients(deps)), days: 0 }),
  readUser: (deps, { email }) => lists.readUser(deps, email),
  readUsers: (deps) => lists.readUsers(deps, null, null),
  readWorkloads,
};

const { owner: operator } = await startGatehouse();
const world = await createWorld(operator.db);
await signIn(world);
const refused = { endpoint: "token", clientId: world.clientId, error: "invalid_grant", reason: "code_unknown" };
await upsertRefusedRequests(
  operator.db,
  [{ ...refused, said: "invalid_grant", userAgent: null, count: 1, requestIds: ["one"] }],
  new Date(),
);

/** Whether an answer tells anything: a text, a number other than 0, or true. */
const tells = (answer: unknown): boolean =>
  typeof answer === "object" && answer !== null
    ? !("problem" in answer) && Object.values(answer).some(tells)
    : Boolean(answer);

const read = (name: string, actor: Actor) => READS[name]?.({ ...operator, actor }, world);

describe("A8 the statements that read for owners check the right, as those that change something do", () => {
  test.each(Object.keys(READS))("A8 %s tells an owner something, and anybody else nothing", async (name) => {
    expect(tells(await read(name, world.owner()))).toBe(true);
    expect(tells(await read(name, asOwner(world)))).toBe(false);
    expect(tells(await read(name, nobody(world)))).toBe(false);
  });

  test("A8 no read of an owner is missing above", () => {
    const folder = join(import.meta.dirname, "../../src/flows/admin");
    const readers = readdirSync(folder).flatMap((file) =>
      [
        ...readFileSync(join(folder, file), "utf8").matchAll(
          /^export (?:async )?(?:const|function) ((?:read|find|list|export|count)\w+)(?: = (?:async )?)?\((?:[^)]|\n)*?\b(?:Admin)?Deps\b/gm,
        ),
      ].map(([, name = ""]) => name),
    );
    expect(readers.length).toBeGreaterThan(25);
    const walked = Object.keys(READS).map((name) => name.split(",")[0]);
    expect(readers.filter((name) => !walked.includes(name))).toEqual([]);
  });
});
