import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { connectApp } from "../support/page-paths.ts";
import { scene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await scene();

test("a history leaves routine use out if its person asks for that, and counts across what it leaves out", async () => {
  const { connection } = await connectApp(gatehouse, browser);
  const read = async (url = `${issuer}/account/connections/${connection}`) => {
    const { html } = await browser.open(url);
    const [here, there] = ["[aria-current]", "a:not([aria-current])"].map((link) =>
      html.querySelector(`.ranges ${link}`),
    );
    const lines = html.querySelectorAll(".timeline li > span").map(({ textContent }) => textContent);
    return { lines, here: here?.textContent, there: there?.getAttribute("href"), html };
  };
  expect((await read()).here).toBeUndefined();
  await gatehouse.owner.db.run(sql`insert into audit_events (at, name, family_id, details)
    select now() + n * interval '1 second', name, ${connection}::uuid, details from (values
      (1, 'refresh_replayed_by_other_caller', null::jsonb), (2, 'tool_called', '{"tool":"forecast"}'),
      (3, 'token_refreshed', null), (4, 'refresh_replayed_by_other_caller', null)) e(n, name, details)`);
  const everything = await read();
  const rest = await read(everything.there);
  expect([everything.here, rest.here]).toEqual(["Everything", "Without routine"]);
  expect(everything.lines.join()).toMatch(/two callers.*refreshed.*used forecast.*two callers/);
  expect([rest.lines.length, rest.lines[0]]).toEqual([everything.lines.length - 3, expect.stringMatching(/, 2 times/)]);
  expect((await read(rest.there)).lines).toEqual(everything.lines);
  await gatehouse.owner.db.run(
    sql`delete from audit_events where family_id = ${connection}::uuid and name not like 't%'`,
  );
  expect((await read(everything.there)).html.textContent).toContain("Nothing else has happened");
});
