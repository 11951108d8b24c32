import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import { pauseAt } from "../support/races.ts";
import { createDevice, createParty, issuedTo, refusedFor } from "../support/store-fixture.ts";

const gatehouse = await startGatehouse();
const { db } = gatehouse.owner;
const begun = new Date();
const later = (seconds: number) => new Date(begun.getTime() + seconds * 1000);

const isTooSoon = (polled: Parameters<typeof refusedFor>[0]) => refusedFor(polled).includes("paced");

/** Whether each of these polls, so many seconds after the first, came too soon. */
async function paceOf(seconds: readonly number[]): Promise<boolean[]> {
  const { poll } = await createDevice(await createParty(gatehouse));
  const paces: boolean[] = [];
  for (const second of seconds) paces.push(isTooSoon(await poll(later(second))));
  return paces;
}

test.each<[string, readonly number[], readonly boolean[]]>([
  ["every five seconds is on time", [0, 5, 10, 15], [false, false, false, false]],
  // The way to the server takes time, and varies.
  ["that comes a moment early is accepted, since networks vary", [0, 4.1, 9, 13.2], [false, false, false, false]],
  ["that comes two seconds early is refused, and adds five seconds", [0, 3, 12.5, 22.5], [false, true, false, false]],
  ["that comes too soon adds five seconds each time", [0, 1, 9.5, 19, 39], [false, true, true, true, false]],
])("RFC 8628 §3.5 a poll %s", async (_, seconds, paces) => {
  expect(await paceOf(seconds)).toEqual(paces);
});

test("RFC 8628 §3.5 only one of several polls at once is on time", async () => {
  const { poll } = await createDevice(await createParty(gatehouse));
  await poll(later(0));
  await pauseAt(db, "device_codes");
  // Opens connections first, so that the statements begin together.
  await Promise.all(Array.from({ length: 8 }, () => db.read(sql`select pg_sleep(0.3)`)));
  const polls = await Promise.all(Array.from({ length: 8 }, () => poll(later(6))));
  await pauseAt(db, "nowhere");
  expect(polls.filter((polled) => !isTooSoon(polled))).toHaveLength(1);
  expect(isTooSoon(await poll(later(30)))).toBe(true);
  expect(isTooSoon(await poll(later(90)))).toBe(false);
});

test("RFC 8628 §3.5 a client that polls too soon still gets its tokens once after the person has allowed it", async () => {
  const { decide, poll } = await createDevice(await createParty(gatehouse));
  await poll(later(0));
  await decide(["mcp:tools"]);
  expect(issuedTo(await poll(later(1)))).not.toBeNull();
  expect(issuedTo(await poll(later(2)))).toBeNull();
});
