import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";
import {
  errorOf,
  grantTokens,
  introspect,
  isActive,
  refresh,
  registerClient,
  type Tokens,
} from "../support/oauth-client.ts";
import { sendForm } from "../support/pages.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const client = await registerClient(gatehouse, { client_name: "Clever app" });

/** A person who has connected the app. */
async function connect(params: Record<string, string> = {}) {
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const tokens = await grantTokens(gatehouse, browser, client, params);
  const page = await browser.open(`${issuer}/account`);
  const path = new URL(page.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "").pathname;
  return { person, browser, tokens, path };
}

const scopesOf = async ({ access_token }: Tokens): Promise<string> =>
  ((await (await introspect(gatehouse, access_token)).json()) as { scope: string }).scope;

describe("connected apps", () => {
  test("each connection is shown with its app, how far that is proven, its server and its permissions", async () => {
    const { browser, path } = await connect();
    const text = (await browser.open(issuer + path)).html.textContent;
    expect(text).toContain("Clever app");
    expect(text).toContain("nobody has checked it");
    expect(text).toContain("Weather");
    expect(text).toContain("Read its resources");
    expect(text).toContain("connected");
  });

  test("I2 narrowing takes effect at the very next introspection, and a refresh gives no more", async () => {
    const { browser, tokens, path } = await connect();
    const page = await browser.open(issuer + path);
    const done = await browser.submit(page, `${path}/narrow`, { scope: ["mcp:tools"] });
    expect(done.html.querySelector("[role=status]")?.textContent).toContain("The app can do less");
    expect(await scopesOf(tokens)).toBe("mcp:tools");
    const refreshed = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
    expect(refreshed.scope).toBe("mcp:tools");
    expect(await scopesOf(refreshed)).toBe("mcp:tools");
    // A well-known proxy repeats the scope of its last token, and never recovered from an error (RFC 6749 §6).
    const repeated = { scope: tokens.scope };
    const again = (await (await refresh(gatehouse, client, refreshed.refresh_token, repeated)).json()) as Tokens;
    expect(again.scope).toBe("mcp:tools");
    const gone = { scope: "mcp:prompts" };
    expect(((await (await refresh(gatehouse, client, again.refresh_token, gone)).json()) as Tokens).scope).toBe(
      "mcp:tools",
    );
    const never = await refresh(gatehouse, client, again.refresh_token, { scope: "mcp:tools admin" });
    expect(await errorOf(never)).toBe("400 invalid_scope");
  });

  test("narrowing never widens or empties a connection, and the narrowest of parallel ones counts", async () => {
    const { browser, tokens, path } = await connect();
    const page = await browser.open(issuer + path);
    await browser.submit(page, `${path}/narrow`, { scope: ["mcp:tools", "mcp:prompts"] });
    expect((await browser.submit(page, `${path}/narrow`, { scope: ["mcp:resources", "admin"] })).status).toBe(400);
    expect((await browser.submit(page, `${path}/narrow`, { scope: [] })).status).toBe(400);
    await Promise.all([
      browser.submit(page, `${path}/narrow`, { scope: ["mcp:tools", "mcp:resources", "mcp:prompts"] }),
      browser.submit(page, `${path}/narrow`, { scope: ["mcp:prompts"] }),
    ]);
    expect(await scopesOf(tokens)).toBe("mcp:prompts");
  });

  test("a permission is added to a live connection with the sentences of consent, and the next refresh carries it", async () => {
    const { person, browser, tokens, path } = await connect({ scope: "mcp:tools" });
    expect(tokens.scope).toBe("mcp:tools");
    const page = await browser.open(issuer + path);
    const form = page.html.querySelector(`form[action^="${issuer}${path}/add"]`);
    expect(form?.textContent).toContain("Read its resources");
    expect(form?.querySelectorAll("[checked]")).toEqual([]);
    expect(form?.querySelectorAll("[name=scope]").map((box) => box.getAttribute("value"))).toEqual([
      "mcp:resources",
      "mcp:prompts",
    ]);
    const done = await browser.submit(page, `${path}/add`, { scope: ["mcp:prompts", "admin"] });
    expect(done.html.querySelector("[role=status]")?.textContent).toContain("next access token");
    expect(done.html.textContent).toContain("you added permissions");
    expect(await scopesOf(tokens)).toBe("mcp:tools");
    const refreshed = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
    expect(refreshed.scope).toBe("mcp:tools mcp:prompts");
    expect(await scopesOf(refreshed)).toBe("mcp:tools mcp:prompts");
    // Scopes that were granted later count as granted (RFC 6749 §6).
    const named = await refresh(gatehouse, client, refreshed.refresh_token, { scope: "mcp:prompts" });
    expect(((await named.json()) as Tokens).scope).toBe("mcp:prompts");
    const recorded = await owner.db.read(sql`
      select u.email, e.client_id as client from audit_events e join users u on u.id = e.user_id where e.name = 'family_widened'`);
    expect(recorded).toEqual([{ email: person.email, client: client.client_id }]);
  });

  test("no permission is added twice, beyond the server's, without a fresh sign-in, by somebody else or to an ended connection", async () => {
    const { browser, tokens, path } = await connect({ scope: "mcp:tools" });
    const page = await browser.open(issuer + path);
    const add = (scope: string[], by = browser) => by.submit(page, `${path}/add`, { scope });
    for (const scope of [[], ["admin"], ["mcp:tools"]]) expect((await add(scope)).status).toBe(400);
    const empty = await add([]);
    expect(empty.html.querySelector(`form[action^="${issuer}${path}/add"] #problem`)?.textContent).toContain(
      "Nothing is ticked",
    );
    expect(empty.html.querySelectorAll(`form[action^="${issuer}${path}/narrow"] [checked]`)).toHaveLength(1);
    await gatehouse.moveClock(6 * 60);
    expect((await add(["mcp:prompts"])).url.pathname).toBe("/login");
    await gatehouse.moveClock(0);
    const other = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    expect((await add(["mcp:prompts"], other)).status).toBeGreaterThanOrEqual(400);
    await Promise.all([add(["mcp:prompts"]), add(["mcp:prompts"])]);
    const refreshed = (await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens;
    expect(refreshed.scope).toBe("mcp:tools mcp:prompts");
    await browser.submit(page, `${path}/revoke`, {});
    expect((await add(["mcp:resources"])).status).toBe(400);
  });

  test("I2 revoking ends the access token and the refresh token at once, and the page says so", async () => {
    const { browser, tokens, path } = await connect();
    await browser.submit(await browser.open(`${issuer}/account`), `${path}/revoke`, {});
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(400);
    expect((await browser.open(`${issuer}/account`)).html.textContent).toContain("No app is connected");
    expect((await browser.open(`${issuer}/account?ended`)).html.textContent).toContain("you ended it");
  });

  test("a connection can be renamed, and gets the name of its app back", async () => {
    const { browser, path } = await connect();
    const page = await browser.open(issuer + path);
    const renamed = await browser.submit(page, `${path}/rename`, { name: ' <b>"Work"</b> ' });
    expect(renamed.html.querySelector("h1 bdi")?.textContent).toBe('<b>"Work"</b>');
    const undone = await browser.submit(renamed, `${path}/rename`, {});
    expect(undone.html.querySelector("h1 bdi")?.textContent).toBe("Clever app");
    const reset = await browser.submit(page, `${path}/rename`, { name: "  " });
    expect(reset.html.querySelector("h1")?.querySelector("bdi")?.textContent).toBe("Clever app");
  });

  test("somebody else's connection can't be seen, changed or revoked, and looks like one that doesn't exist", async () => {
    const [mine, theirs] = [await connect(), await connect()];
    expect((await theirs.browser.open(issuer + mine.path)).status).toBe(404);
    for (const action of ["revoke", "rename", "narrow"]) {
      const fields = { name: "x", scope: "mcp:tools" };
      expect((await sendForm(theirs.browser, `${issuer}${mine.path}/${action}`, fields)).status).toBe(400);
    }
    expect(await scopesOf(mine.tokens)).toBe("mcp:tools mcp:resources mcp:prompts");
    for (const junk of ["x", "%00", "00000000-0000-0000-0000-000000000000", "%ff"]) {
      expect((await theirs.browser.open(`${issuer}/account/connections/${junk}`)).status).toBe(404);
    }
  });

  test("the history says why a person was signed out", async () => {
    const { browser, tokens, path } = await connect();
    await refresh(gatehouse, client, tokens.refresh_token);
    await gatehouse.moveClock(3000);
    await refresh(gatehouse, client, tokens.refresh_token);
    await gatehouse.moveClock(0);
    const text = (await browser.open(issuer + path)).html.textContent;
    expect(text).toContain("An old refresh token was used again, so someone may have stolen it");
    expect(text).toContain("To use the app again, connect it again");
    expect(text).toContain("refreshed");
  });

  test("the list shows the latest event of each connection", async () => {
    const { browser, path } = await connect();
    const list = async () => (await browser.open(`${issuer}/account`)).html.textContent.replaceAll(/\s+/g, " ");
    expect(await list()).toContain("Allowed just now");
    expect(await list()).not.toContain("Latest activity");
    await owner.db.run(sql`
      insert into audit_events (at, name, family_id, details)
      select now(), name, ${path.split("/").at(-1)}::uuid, details from (
        select 'refresh_replayed_by_other_caller' as name, null::jsonb as details
        union all select 'tool_called', '{"tool":"get_forecast"}') e`);
    expect(await list()).toContain("Latest activity: used get_forecast, just now");
    expect((await browser.open(`${issuer}/account`)).html.querySelector(".alarming")?.textContent).toContain(
      "two callers",
    );
  });

  test("a connection's tool calls don't displace an alarm from its history", async () => {
    const { browser, path } = await connect();
    const family = path.split("/").at(-1);
    await owner.db.run(sql`
      insert into audit_events (at, name, family_id, details)
      select now(), name, ${family}::uuid, details from (
        select 'refresh_replayed_by_other_caller' as name, null::jsonb as details
        union all select 'tool_called', '{"tool":"x"}' from generate_series(1, 600)) e`);
    expect((await browser.open(issuer + path)).html.querySelectorAll(".alarming")).toHaveLength(1);
  });

  test.each(["-".repeat(36), crypto.randomUUID(), "x", `${crypto.randomUUID()} `])(
    "T8 a cursor like %j causes no error",
    async (after) => {
      const { browser } = await connect();
      expect((await browser.open(`${issuer}/account?${new URLSearchParams({ after })}`)).status).toBe(200);
    },
  );

  test("the list continues by cursor, and shows each connection once", async () => {
    const { browser, person } = await connect();
    await owner.db.run(sql`
      insert into token_families (id, user_id, client_id, resource_id, scopes, authentication_method, created_at, expires_at)
      select gen_random_uuid(), f.user_id, f.client_id, f.resource_id, f.scopes, f.authentication_method,
        f.created_at - n / 2 * interval '1 second', f.expires_at
      from token_families f, generate_series(1, 70) n where f.user_id = ${person.id}`);
    const seen: string[] = [];
    let next: string | undefined = `${issuer}/account`;
    while (next) {
      const { html } = await browser.open(next);
      seen.push(...html.querySelectorAll(".cards h3 a").map((link) => link.getAttribute("href") ?? ""));
      next = html
        .querySelectorAll("main a")
        .find((link) => link.textContent === "Older")
        ?.getAttribute("href");
    }
    expect(new Set(seen).size).toBe(71);
    expect(seen).toHaveLength(71);
  });
});
