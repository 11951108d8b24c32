import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { sha256 } from "../../src/lib/hash.ts";
import { restoreConnectionScopes } from "../../src/store/connections.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, introspect, isActive, refresh, registerClient, type Tokens } from "../support/oauth-client.ts";
import { sendForm } from "../support/pages.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const ALL = "mcp:tools mcp:resources mcp:prompts";

/** A person who has connected an app, and has just taken away all but one of its permissions. */
async function narrowed() {
  const client = await registerClient(gatehouse);
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const tokens = await grantTokens(gatehouse, browser, client);
  const list = await browser.open(`${issuer}/account`);
  const path = new URL(list.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "").pathname;
  const narrow = (...scope: string[]) => browser.submit(list, `${path}/narrow`, { scope });
  const page = await narrow("mcp:tools");
  /** Sends a form of their own, even if the page no longer offers it. */
  const undo = async (by = browser) => (await sendForm(by, `${issuer}${path}/undo`)).status;
  return { client, person, browser, tokens, path, page, narrow, undo };
}

const scopesOf = async ({ access_token }: Tokens): Promise<string> =>
  ((await (await introspect(gatehouse, access_token)).json()) as { scope: string }).scope;

describe("I2 undoing a step on a connection's page", () => {
  test("I2 the page offers to undo the step by name, which takes effect at the next introspection and works once", async () => {
    const { client, browser, tokens, path, page, undo } = await narrowed();
    const form = page.html.querySelector(`form[action="${issuer}${path}/undo"]`);
    expect(form?.parentNode?.textContent).toContain("Read its resources");
    expect(await scopesOf(tokens)).toBe("mcp:tools");
    const undone = await browser.submit(page, `${path}/undo`, {});
    expect(undone.html.querySelector("[role=status]")?.textContent).toContain("Undone");
    expect(undone.html.textContent).toContain("you undid that");
    expect(undone.html.querySelector(`form[action="${issuer}${path}/undo"]`)).toBeNull();
    expect(await scopesOf(tokens)).toBe(ALL);
    expect(((await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens).scope).toBe(ALL);
    expect(await undo()).toBe(400);
  });

  test("I2 only the last step can be undone, and only once even if several requests come at once", async () => {
    const { tokens, narrow, undo } = await narrowed();
    expect(await undo()).toBe(303);
    await narrow("mcp:tools", "mcp:prompts");
    await narrow("mcp:prompts");
    expect((await Promise.all([undo(), undo(), undo()])).sort()).toEqual([303, 400, 400]);
    expect(await scopesOf(tokens)).toBe("mcp:tools mcp:prompts");
  });

  test("I2 another person, another session of the same person, and a form of another site are refused", async () => {
    const { person, browser, tokens, path, undo } = await narrowed();
    expect(await undo(await gatehouse.signedInBrowser(await gatehouse.addPerson()))).toBe(400);
    const elsewhere = await gatehouse.signedInBrowser(person);
    expect(await undo(elsewhere)).toBe(400);
    const other = await elsewhere.open(issuer + path);
    expect(other.html.querySelector(`form[action="${issuer}${path}/undo"]`)).toBeNull();
    expect((await sendForm(browser, `${issuer}${path}/undo`, { csrf: "x" })).status).toBe(403);
    expect(await scopesOf(tokens)).toBe("mcp:tools");
  });

  test("I2 the step can't be undone after the life of a code, or after anything else has changed", async () => {
    const late = await narrowed();
    await gatehouse.moveClock(601);
    expect(await late.undo()).toBe(400);
    await gatehouse.moveClock(0);
    const added = await narrowed();
    await added.browser.submit(added.page, `${added.path}/add`, { scope: ["mcp:prompts"] });
    expect(await added.undo()).toBe(400);
    const ended = await narrowed();
    await ended.browser.submit(ended.page, `${ended.path}/revoke`, {});
    expect(await ended.undo()).toBe(400);
    expect(await isActive(gatehouse, ended.tokens.access_token)).toBe(false);
    const blocked = await narrowed();
    await owner.db.run(sql`update clients set disabled_at = now() where id = ${blocked.client.client_id}`);
    expect(await blocked.undo()).toBe(400);
    await setClientStatus(owner, blocked.client.client_id, "unblock");
    expect(await scopesOf(blocked.tokens)).toBe("mcp:tools");
  });

  test("I2 a scope that the server no longer offers doesn't come back", async () => {
    const { tokens, undo } = await narrowed();
    const gone = await owner.db.read(sql`select * from scopes where name = 'mcp:prompts'`);
    await owner.db.run(sql`delete from scopes where name = 'mcp:prompts'`);
    expect(await undo()).toBe(303);
    await owner.db.run(
      sql`insert into scopes select * from jsonb_populate_recordset(null::scopes, ${JSON.stringify(gone)}::jsonb)`,
    );
    expect(await scopesOf(tokens)).toBe("mcp:tools mcp:resources");
  });

  test("I2 the statement itself refuses a session that didn't narrow, or one that narrowed too long ago", async () => {
    const { browser, path } = await narrowed();
    const digest = await sha256(browser.cookies.get("gatehouse_session") ?? "");
    const authority = { digest, idleSeconds: 3600, role: "member", signedInSince: null } as const;
    const actor = { ...owner.actor, authority };
    const id = path.split("/").at(-1) ?? "";
    expect(await restoreConnectionScopes(owner.db, id, 600, owner.actor)).toBe(false);
    expect(
      await restoreConnectionScopes(owner.db, id, 600, { ...actor, authority: { ...authority, digest: null } }),
    ).toBe(false);
    expect(await restoreConnectionScopes(owner.db, id, 0, actor)).toBe(false);
    expect(await restoreConnectionScopes(owner.db, id, 600, actor)).toBe(true);
  });
});
