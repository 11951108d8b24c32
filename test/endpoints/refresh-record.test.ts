import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { exportPerson } from "../../src/flows/admin/person.ts";
import { grantTokens, refresh, type Tokens } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser, client } = await ownScene();
const { owner } = gatehouse;
const DAY = 24 * 3600;

/** Refreshes a connection at each of these seconds from now. */
async function refreshAt(token: string, seconds: readonly number[]): Promise<string> {
  let last = token;
  for (const second of seconds) {
    await gatehouse.moveClock(second);
    const answer = (await (await refresh(gatehouse, client, last)).json()) as Tokens;
    last = answer.refresh_token;
  }
  return last;
}

const refreshEvents = async () => {
  const query = { name: "token_refreshed", email: person.email, clientId: null, days: null, before: null, limit: 100 };
  const listed = await readAuditEvents(owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events;
};

const timeline = async () => {
  const [family] = await owner.db.read<{ id: string }>(
    sql`select id from token_families where client_id = ${client.client_id}`,
  );
  const later = await gatehouse.signedInBrowser(person);
  return (await later.open(`${issuer}/account/connections/${family?.id}`)).html.textContent;
};

test("Tokens: a connection's refreshes are one event a day, shown with their times on its page, and only as a count after a week", async () => {
  const { refresh_token } = await grantTokens(gatehouse, browser, client);
  // The next day, so that no midnight comes in between.
  const morning = DAY - (Math.floor(Date.now() / 1000) % DAY) + 8 * 3600;
  const hours = [0, 1, 2, 3].map((hour) => morning + hour * 3600);
  await refreshAt(refresh_token, [...hours, ...hours.map((second) => second + DAY)]);

  const events = await refreshEvents();
  expect(events.map(({ count }) => count)).toEqual([4, 4]);
  expect(await owner.db.read(sql`select id from audit_events where name = 'token_refreshed'`)).toHaveLength(2);
  expect(await timeline()).toContain("8 times");

  const { refreshes } = (await exportPerson(owner, person.email)) as {
    refreshes: { count: number; seconds: number[] }[];
  };
  expect(refreshes.map(({ count, seconds }) => [count, seconds.length])).toEqual([
    [4, 4],
    [4, 4],
  ]);

  await gatehouse.moveClock(morning + 9 * DAY);
  await gatehouse.runScheduled();
  await gatehouse.moveClock(0);
  expect(await refreshEvents()).toEqual([]);
  expect(await owner.db.read(sql`select refreshes from refresh_days`)).toEqual([{ refreshes: 4 }, { refreshes: 4 }]);
  expect(await owner.db.read(sql`select day from recent_refreshes`)).toEqual([]);
  expect(await timeline()).toContain("refreshed that day");
});
