import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { listRefusedRequests, type RefusedRequest, upsertRefusedRequests } from "../../src/store/refused-requests.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const { owner } = gatehouse;
const { client_id: known } = await registerClient(gatehouse);
const HOUR = new Date("2026-11-01T10:30:00Z");

const refused = (clientId: string): RefusedRequest => ({
  ...{ endpoint: "token", error: "invalid_grant", reason: "verifier", said: "No.", userAgent: "test" },
  ...{ clientId, count: 1, requestIds: [randomBytes(6).toString("base64url")] },
});
const write = (...requests: RefusedRequest[]) => upsertRefusedRequests(owner.db, requests, HOUR);
const list = (clientId: string | null = null) => {
  const filter = { since: new Date(HOUR.getTime() - 86_400_000), clientId, requestId: null, limit: 1000 };
  return listRefusedRequests(owner.db, filter, owner.actor);
};

test("P8 parallel refusals of one kind share a row that counts them all and names the last ten", async () => {
  await Promise.all(Array.from({ length: 30 }, () => write(refused(known))));
  const [row, ...others] = await list(known);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ count: 30, name: "Test client", isServer: false });
  expect(new Set(row?.requestIds).size).toBe(10);
});

test("P8 strangers who fill the rows of an hour displace no row of a known app", async () => {
  const strangers = Array.from({ length: 520 }, (_, n) => refused(`stranger-${n}`));
  await write(...strangers.slice(0, 480));
  await write(...strangers.slice(480, 510));
  await Promise.all([write(...strangers.slice(510)), write(refused(known))]);
  const rows = await list();
  expect(rows.length).toBeLessThan(540);
  // One row counts the rest, without their names.
  const nameless = rows.find(({ clientId }) => clientId === null);
  expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(551);
  expect(nameless).toMatchObject({ said: null, userAgent: null });
  await write(refused(known));
  await write(refused("stranger-0"));
  expect([(await list(known))[0]?.count, (await list("stranger-0"))[0]?.count]).toEqual([32, 2]);
});
