import { readFile } from "node:fs/promises";
import { sql } from "drizzle-orm";
import { expect, inject, test } from "vitest";
import { connectPostgres } from "../../src/dev/postgres.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { listClients } from "../../src/store/client-listing.ts";
import { revokeEverything } from "../../src/store/emergency-revocation.ts";
import { expiredRows } from "../../src/store/expired-rows.ts";
import { findDatabaseState } from "../../src/store/health.ts";
import { findAccountToken } from "../../src/store/token-exchanges.ts";
import { disableUser } from "../../src/store/user-status.ts";
import { connect, rotate } from "../support/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { connectExplained } from "../support/plans.ts";
import { createParty, digest, operator } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();

/** What the page on deploying says to run as the database's owner. */
const readStatements = async () =>
  /```sql\n(create role gatehouse_worker[^`]*)```/.exec(await readFile(projectFile(".docs/deploy.md"), "utf8"))?.[1] ??
  "";

test("Gates: the Worker's database role may do everything that the Worker does, but can't create or drop anything", async () => {
  const admin = connectPostgres(inject("postgres"), new URL(gatehouse.services.databaseUrl).pathname.slice(1));
  await admin.connect();
  await admin.query("drop role if exists gatehouse_worker").catch(() => {});
  await admin.query(await readStatements());
  await admin.end();

  const { db, end } = await connectExplained(gatehouse.services.databaseUrl);
  await db.run(sql`set role gatehouse_worker`);
  const party = { ...(await createParty(gatehouse)), db };
  const tokens = await connect(party);
  expect(await rotate(party, tokens.refreshDigest)).toBeTruthy();
  const [credentialDigest, linkDigest] = [await sha256(gatehouse.resource.secret), digest()];
  const exchange = {
    tokenDigest: tokens.accessDigest,
    credentialDigest,
    resourceId: null,
    provider: "x",
    scopes: null,
  };
  expect(await findAccountToken(db, { ...exchange, linkDigest }, operator())).toMatchObject({
    refused: { tokenActive: true, providerAllowed: false },
  });
  expect(
    (await listClients(db, { search: null, state: null, oldestFirst: false, after: null, limit: 5 }, operator())).rows
      .length,
  ).toBeGreaterThan(0);
  for (const deleteExpired of Object.values(expiredRows({ replaySeconds: 600, auditDays: 365 })))
    await deleteExpired(db, new Date(), 10);
  expect(await findDatabaseState(db)).toEqual({ isolationLevel: "read committed", missing: [] });
  expect(await disableUser(db, party.email, operator())).toBe(true);
  expect(await revokeEverything(db, { kind: "all" }, operator())).toBeGreaterThanOrEqual(0);

  for (const forbidden of [
    sql`create table theirs (id int)`,
    sql`drop table users`,
    sql`truncate audit_events`,
    sql`alter table clients drop column secret_digest`,
    sql`create or replace function introspect_2() returns int language sql as 'select 1'`,
    sql`select * from drizzle.__drizzle_migrations`,
    sql`copy users to program 'cat'`,
  ]) {
    await expect(db.run(forbidden)).rejects.toThrow(/permission denied|must be owner/);
  }
  await end();
});
