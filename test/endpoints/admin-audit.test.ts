import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { setAppRule } from "../../src/flows/admin/app-rules.ts";
import { addGroup } from "../../src/flows/admin/groups.ts";
import { registerClient, type TestClient } from "../support/oauth-client.ts";
import { cookieOf, textOf } from "../support/pages.ts";
import { addGitHub } from "../support/providers.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, owner, browser } = await ownerScene();
const clientPage = ({ client_id: id }: TestClient) => `${issuer}/admin/clients/one?${new URLSearchParams({ id })}`;

/** A part of the log: its events by their addresses, what it says of itself, and where it leads. */
async function readPage(url: string | URL | undefined) {
  const { html } = await browser.open(url ?? "");
  const pager = html.querySelector(".pager");
  const links = (pager?.querySelectorAll("a") ?? []).map((link) => [link.textContent, link.getAttribute("href") ?? ""]);
  return {
    events: html.querySelectorAll("tbody tr td:last-child").map(({ textContent }) => textContent),
    empty: html.querySelector(".empty")?.textContent,
    says: pager?.querySelector("span")?.textContent,
    links: Object.fromEntries(links) as Record<string, string>,
  };
}

describe("the audit log", () => {
  test("the audit log says who did what, can be filtered, has pages, and is exported as NDJSON", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id)
      select now(), 'client_changed', 'client_audited' from generate_series(1, 2150)`);
    const page = await browser.open(`${issuer}/admin/audit?client=client_audited&event=client_changed`);
    expect(page.html.querySelectorAll("tbody tr")).toHaveLength(50);
    const older = page.html.querySelectorAll("main a").find((link) => link.textContent === "Older");
    expect((await browser.open(older?.getAttribute("href") ?? "")).html.querySelectorAll("tbody tr")).toHaveLength(50);
    const headers = cookieOf(browser);
    const exported = await fetch(`${issuer}/admin/audit.ndjson?client=client_audited`, { headers });
    expect(exported.headers.get("Content-Type")).toBe("application/x-ndjson");
    const lines = (await exported.text()).trim().split("\n");
    expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(2150);
  });

  test("each page says which it is and how much it shows, and leads to older and to newer events", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id, address)
      select now(), 'client_changed', 'client_paged', n from generate_series(1, 170) n`);
    const first = `${issuer}/admin/audit?client=client_paged`;
    const one = await readPage(first);
    expect([one.says, Object.keys(one.links)]).toEqual(["Page 1: 50 events", ["Older"]]);
    const two = await readPage(one.links["Older"]);
    expect([two.says, Object.keys(two.links)]).toEqual(["Page 2: 50 events", ["Newer", "Older"]]);
    expect(two.links["Newer"]).toBe(first);
    const three = await readPage(two.links["Older"]);
    expect([three.says, Object.keys(three.links)]).toEqual(["Page 3: 50 events", ["First page", "Newer", "Older"]]);
    const four = await readPage(three.links["Older"]);
    expect([four.says, Object.keys(four.links)]).toEqual(["Page 4: 20 events", ["First page", "Newer"]]);
    expect(four.links["First page"]).toBe(first);
    const back = await readPage(four.links["Newer"]);
    expect([back.says, back.events, Object.keys(back.links)]).toEqual([
      ...[three.says, three.events],
      ["First page", "Newer", "Older"],
    ]);
    expect((await readPage(back.links["Older"])).events).toEqual(four.events);
    const further = await readPage(back.links["Newer"]);
    expect([further.says, further.events]).toEqual([two.says, two.events]);
    expect([...one.events, ...two.events, ...three.events, ...four.events]).toEqual(
      Array.from({ length: 170 }, (_, n) => String(170 - n)),
    );
  });

  test("a part of the log in which nothing matches leads on in both directions", async () => {
    await operator.db.run(sql`insert into audit_events (at, name, client_id, address, resource_id)
      select now(), 'client_changed', 'client_sparse', n, case when n in (1, 4500) then 'server_sparse' end
      from generate_series(1, 4500) n order by n`);
    const url = `${issuer}/admin/audit?client=client_sparse&resource=server_sparse`;
    const one = await readPage(url);
    const two = await readPage(one.links["Older"]);
    expect(two.empty).toContain("Nothing in this part of the list");
    const three = await readPage(two.links["Older"]);
    expect([one, two, three].map(({ events }) => events.length)).toEqual([1, 0, 1]);
    const back = await readPage(three.links["Newer"]);
    expect([back.says, back.events]).toEqual(["Page 2: 0 events", []]);
    expect((await readPage(back.links["Older"])).events).toHaveLength(1);
    expect((await readPage(back.links["Newer"])).events).toHaveLength(1);
    const [newest] = await operator.db.read<{ id: number }>(
      sql`select max(id)::int as id from audit_events where client_id = 'client_sparse'`,
    );
    const empty = await readPage(`${url}&before=${newest?.id}&page=3`);
    expect([empty.events, (await readPage(empty.links["Newer"])).events]).toEqual([[], one.events]);
  });

  test("a part before the first event, or after every event, leads back into the log", async () => {
    const ends = [
      ["before=1", "Newer"],
      [`after=${Number.MAX_SAFE_INTEGER - 1}`, "Older"],
    ] as const;
    for (const [query, title] of ends) {
      const { events, links } = await readPage(`${issuer}/admin/audit?${query}&page=3`);
      expect([query, events]).toEqual([query, []]);
      expect((await readPage(links[title])).events).not.toEqual([]);
    }
  });

  test("the log is filtered by a server's URL, by the id of one that is gone, and so is what it exports", async () => {
    const { resource } = gatehouse;
    await operator.db.run(sql`insert into audit_events (at, name, client_id, resource_id, address)
      select now(), 'client_changed', 'client_at_servers', s, s
      from unnest(array[${resource.id}, 'server_gone', null]) s, generate_series(1, 60)`);
    const filter = (typed: string) => new URLSearchParams({ client: "client_at_servers", resource: typed });
    for (const [typed, id] of [
      [`${resource.uri}/`, resource.id],
      [resource.id, resource.id],
      ["server_gone", "server_gone"],
    ] as const) {
      const page = await browser.open(`${issuer}/admin/audit?${filter(typed)}`);
      expect(page.html.querySelector("#resource")?.getAttribute("value")).toBe(typed);
      const { events, links } = await readPage(page.url);
      expect([events.length, new Set(events)]).toEqual([50, new Set([id])]);
      expect((await readPage(links["Older"])).events).toEqual(Array(10).fill(id));
      const [csv = "", ndjson = ""] = page.html
        .querySelectorAll("a[download]")
        .map((link) => link.getAttribute("href") ?? "");
      const read = async (href: string) => (await fetch(href, { headers: cookieOf(browser) })).text();
      expect((await read(csv)).trim().split("\r\n").slice(1)).toHaveLength(60);
      const lines = (await read(ndjson)).trim().split("\n");
      expect(lines.map((line) => JSON.parse(line).resourceId)).toEqual(Array(60).fill(id));
    }
    expect((await readPage(`${issuer}/admin/audit?${filter("https://nowhere.example")}`)).events).toEqual([]);
    const server = await browser.open(`${issuer}/admin/resources/${resource.id}`);
    const link = server.html.querySelectorAll("main a").find((each) => each.textContent === "See what happened");
    const log = await browser.open(link?.getAttribute("href") ?? "");
    expect(log.html.querySelector("#resource")?.getAttribute("value")).toBe(resource.uri);
  });

  test("the record of an owner's act names that owner", async () => {
    const client = await registerClient(gatehouse);
    await browser.submit(await browser.open(clientPage(client)), "/admin/clients", { change: "approve" });
    const [event] = await operator.db.read(
      sql`select details from audit_events where client_id = ${client.client_id} and name = 'client_approved'`,
    );
    expect(event).toEqual({ details: { by: owner.id } });
    const page = await browser.open(`${issuer}/admin/audit?client=${client.client_id}`);
    expect(textOf(page)).toContain(`${owner.email} approved`);
  });

  test("what a sentence names leads to where it is, and a name keeps its letters", async () => {
    await addGroup(operator, { name: "accounting", follows: null });
    await setAppRule(operator, "redirect", "shady.example", "refuse");
    await addGitHub(gatehouse);
    await operator.db.run(sql`insert into audit_events (at, name, details)
      values (now(), 'issuer_added', '{"issuer": "builds"}'), (now(), 'client_deleted', null)`);
    const { html } = await browser.open(`${issuer}/admin/audit`);
    const links = html.querySelectorAll("tbody a").map((link) => [link.textContent, link.getAttribute("href")]);
    for (const [name, path] of [
      ["accounting", "groups"],
      ["apps that send people to shady.example: keep out", "new-apps"],
      ["github", "providers"],
      ["builds", "issuers"],
    ])
      expect(links).toContainEqual([name, `${issuer}/admin/${path}`]);
    const sentences = html.querySelectorAll("tbody .sentence").map(({ textContent }) => textContent);
    expect(sentences).toContain("An app was deleted");
    expect(sentences).toContain("The operator added the group accounting");
  });

  test.each([
    "?event=nope",
    "?days=x&before=y&user=%20&client=%3Cscript%3E",
    "?user=%00",
    "?client=%ff",
    "?resource=%00",
    "?resource=%3Cscript%3E&before=1",
    "?after=9&before=1",
    "?after=0",
  ])("a filter like %s causes no error", async (query) => {
    for (const path of ["/admin/audit", "/admin/audit.ndjson", "/admin/audit.csv"])
      expect((await browser.open(issuer + path + query)).status).toBeLessThan(500);
  });
});

test("an event that only a later version knows is called by its name", async () => {
  for (const [name, words] of [
    ["moon_landed", "moon landed"],
    ["constructor", "constructor"],
  ]) {
    await operator.db.run(sql`insert into audit_events (at, name) values (now(), ${name})`);
    const page = await browser.open(`${issuer}/admin/audit`);
    expect([page.status, page.html.textContent]).toEqual([200, expect.stringContaining(`${words}`)]);
  }
});
