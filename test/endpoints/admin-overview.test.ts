import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { readActivity } from "../../src/flows/admin/activity.ts";
import { textArray } from "../../src/store/sql.ts";
import { authorizationRequest, grantTokens, registerClient } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser } = await ownerScene();
const member = await gatehouse.addPerson();
const memberBrowser = await gatehouse.signedInBrowser(member);

test("the overview counts events by day", async () => {
  const page = await browser.open(`${issuer}/admin`);
  const [signIns = ""] = page.html.querySelectorAll("svg[aria-label]").map((svg) => svg.getAttribute("aria-label"));
  expect(signIns).toMatch(/^Sign-ins a day: (0, ){13}[1-9]\d*$/);
  const longer = await browser.open(`${issuer}/admin?range=30`);
  const [labelled = ""] = longer.html.querySelectorAll("svg[aria-label]").map((svg) => svg.getAttribute("aria-label"));
  expect(labelled).toMatch(/^Sign-ins a day: (0, ){29}[1-9]\d*$/);
  expect((await browser.open(`${issuer}/admin?range=nonsense`)).status).toBe(200);
});

test.each(["UTC", "Asia/Kolkata", "America/Los_Angeles"])(
  "the overview counts by the days of %s, whether events come one by one or many at once",
  async (zone) => {
    const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
    const count = async () => (await readActivity(operator, 5, zone)).wrongPasswords;
    const before = await count();
    const { days } = await readActivity(operator, 5, zone);
    const expected = before.slice();
    // Around midnight in UTC, Kolkata and Los Angeles.
    const times = [-15, 15, 18 * 60 + 15, 18 * 60 + 45, 7 * 60, 9 * 60].map(
      (minutes) => new Date(midnight + minutes * 60_000),
    );
    for (const at of times) {
      const day = days.findLastIndex((start) => start <= at);
      expected[day] = (expected[day] ?? 0) + 3;
    }
    for (const at of times)
      await operator.db.run(
        sql`insert into audit_events (at, name) values (${at.toISOString()}::timestamptz, 'account_locked')`,
      );
    await operator.db.run(sql`
      insert into audit_events (at, name) select at::timestamptz, 'account_locked'
      from unnest(${textArray(times.map((at) => at.toISOString()))}) at, generate_series(1, 2)`);
    expect(await count()).toEqual(expected);
  },
);

test("the overview says whether everything is well, and what to do first", async () => {
  await grantTokens(gatehouse, memberBrowser, await registerClient(gatehouse));
  const page = textOf(await browser.open(`${issuer}/admin`));
  expect(page).toMatch(/The database is working\. ?Redis is working\./);
  expect(page).toMatch(/\d+ apps? in use that you haven’t reviewed/);
  expect(page).toContain("Add a server Done");
  expect(page).toContain("Create recovery codes, so that you can always get back in");
});

/** The lines of "Is all well?", each with how it is marked. */
async function readChecks(): Promise<readonly string[]> {
  const page = await browser.open(`${issuer}/admin`);
  const [checks] = page.html.querySelectorAll(".checks");
  return (checks?.querySelectorAll("li") ?? []).map(
    (line) => `${line.querySelector("span")?.getAttribute("class")}: ${line.textContent.trim()}`,
  );
}

describe("the overview while a store is down", () => {
  const { neon, upstash } = gatehouse.services;
  afterEach(() => {
    neon.reset();
    upstash.reset();
  });

  test("Outages: without Redis the overview says so, and still shows everything else", async () => {
    const before = await readChecks();
    upstash.inject("refuse");
    const expected = before.map((line) => (line === "good: Redis is working." ? "bad: Redis can’t be reached." : line));
    expect(expected).not.toEqual(before);
    expect(await readChecks()).toEqual(expected.filter((line) => line !== "good: Nothing needs your attention."));
  });

  test("Outages: if the database answers some questions and not others, the overview says so", async () => {
    neon.inject("refuse", { matching: "transaction_isolation" });
    expect(await readChecks()).toContain("bad: The database can’t be reached.");
  });

  test("Outages: without the database there is no overview, and the page says to try again", async () => {
    neon.inject("refuse");
    const page = await browser.open(`${issuer}/admin`);
    expect([page.status, page.html.querySelector("a.button")?.textContent.trim()]).toEqual([503, "Try again"]);
    expect(page.html.querySelector("main .checks")).toBeNull();
    neon.reset();
    expect(await readChecks()).toContain("good: The database is working.");
  });

  test("P5 the overview says which command a database that lacks something needs", async () => {
    await operator.db.run(sql`alter function introspect_2 rename to introspect_0`);
    expect(await readChecks()).toContain("bad: The database lacks what this version needs: run npm run db:migrate.");
    await operator.db.run(sql`alter function introspect_0 rename to introspect_2`);
  });

  test("the overview says that nothing needs attention only while both stores work", async () => {
    await operator.db.run(sql`update clients set approved_fingerprint = fingerprint`);
    await operator.db.run(sql`delete from audit_events where name = 'account_locked'`);
    await operator.db.run(sql`delete from audit_days where name = 'account_locked'`);
    expect(await readChecks()).toContain("good: Nothing needs your attention.");
    upstash.inject("refuse");
    expect(await readChecks()).toContain("bad: Redis can’t be reached.");
    expect(await readChecks()).not.toContain("good: Nothing needs your attention.");
  });
});

test("the overview names the apps that were refused in the last day", async () => {
  const client = await registerClient(gatehouse);
  const { url } = await authorizationRequest(gatehouse, client, { redirect_uri: "https://elsewhere.example/cb" });
  expect((await browser.open(url)).status).toBe(400);
  // A refusal is counted some seconds after its answer.
  const said = async () => textOf(await browser.open(`${issuer}/admin`));
  await expect.poll(said, { timeout: 15_000 }).toMatch(/\d+ apps? had a request refused in the last day\./);
});
