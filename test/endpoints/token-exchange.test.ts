import { setTimeout } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { allowProvider } from "../../src/flows/admin/providers.ts";
import { setUserStatus } from "../../src/flows/admin/status.ts";
import { jsonAnswer } from "../support/broken-answers.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { errorOf, refresh, type Tokens } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { owner, issuer } = gatehouse;
const github = await addGitHub(gatehouse, { rotating: true });
const issues = await addIssuesServer(gatehouse, "github");
const [TOKEN, EIGHT_HOURS] = ["/login/oauth/access_token", 8 * 3600];

afterEach(async () => {
  github.controls.fault = null;
  github.controls.latency = 0;
  await gatehouse.moveClock(0);
});

/** Somebody who has linked an account, and the request of their app's server for its token. */
async function link(login: string, scope = "issues:read") {
  const person = await gatehouse.addPerson();
  const browser = await gatehouse.signedInBrowser(person);
  const { client, tokens } = await grantLinked(gatehouse, browser, issues, { login, scope });
  let token = tokens.access_token;
  /** From here on the account's token has ended. */
  const wait = async () => {
    await gatehouse.moveClock(EIGHT_HOURS + 1);
    token = ((await (await refresh(gatehouse, client, tokens.refresh_token)).json()) as Tokens).access_token;
  };
  const ask = (fields: Record<string, string> = {}) => exchange(gatehouse, issues, token, "github", fields);
  return { person, browser, ask, wait };
}

async function press(browser: HeadlessBrowser, what: "unlink" | "servers"): Promise<void> {
  const page = await browser.open(`${issuer}/account/linked`);
  const forms = page.html.querySelectorAll("form").map((form) => new URL(form.getAttribute("action") ?? "").pathname);
  const path = forms.find((action) => action.startsWith("/account/linked/") && action.endsWith(`/${what}`));
  await browser.submit(page, path ?? "", what === "servers" ? { resource: [] } : {});
}

describe("L5 an account's token", () => {
  test("L5 a server gets no token from the moment that the owner disallows it", async () => {
    const { ask } = await link("owned");
    expect((await ask()).status).toBe(200);
    await allowProvider(owner, "github", issues.uri, false);
    expect(await errorOf(await ask())).toBe("400 invalid_target");
    await allowProvider(owner, "github", issues.uri, true);
    expect((await ask()).status).toBe(200);
  });

  test("L5 a server gets no token once the person disallows it, and the person is asked again without the provider", async () => {
    const { ask, browser } = await link("taken-back");
    await press(browser, "servers");
    const { error, connect_uri } = await answerOf(await ask());
    expect(error).toBe("interaction_required");
    const page = await browser.open(connect_uri ?? "");
    const before = github.controls.asked("/login/oauth/authorize");
    await browser.submit(page, page.url.pathname, {});
    expect((await ask()).status).toBe(200);
    expect(github.controls.asked("/login/oauth/authorize")).toBe(before);
  });

  test("L5 a server gets no token for a scope that the account has lost, even if the person allowed it", async () => {
    const { ask, wait } = await link("lessened", "issues:write");
    await wait();
    const less = jsonAnswer({ access_token: "gho_lessened", token_type: "bearer", scope: "read:issues" });
    github.controls.fault = (path) => (path === TOKEN ? less : null);
    await ask({ scope: "read:issues" });
    github.controls.fault = null;
    expect((await answerOf(await ask({ scope: "read:issues" }))).scope).toBe("read:issues");
    expect(await errorOf(await ask({ scope: "write:issues" }))).toBe("400 interaction_required");
  });

  test("L5 a server gets no token for a disabled person", async () => {
    const { ask, person } = await link("disabled");
    await owner.db.run(sql`update users set disabled_at = now() where id = ${person.id} returning true`);
    expect(await errorOf(await ask())).toBe("400 invalid_grant");
    await owner.db.run(sql`update users set disabled_at = null where id = ${person.id} returning true`);
    expect((await ask()).status).toBe(200);
    await setUserStatus(owner, person.email, "disable");
    expect(await errorOf(await ask())).toBe("400 invalid_grant");
  });
});

describe("L10 while the provider takes long over a refresh", () => {
  /** Asks with a token that has ended, and does something while GitHub waits. Returns the answer to the server. */
  async function askWhile({ ask }: Pick<Awaited<ReturnType<typeof link>>, "ask">, work: () => Promise<unknown>) {
    github.controls.latency = 1500;
    const asked = ask();
    await setTimeout(500);
    github.controls.latency = 0;
    await work();
    return asked;
  }

  test("L10 the token of an account that the person unlinks is given to no server, and is revoked at the provider", async () => {
    const linked = await link("unlinks");
    await linked.wait();
    const answer = await askWhile(linked, () => press(linked.browser, "unlink"));
    expect(answer.status).not.toBe(200);
    const given = github.controls.secrets().filter((secret) => secret.startsWith("gho_"));
    await expect.poll(() => github.isLive(given.at(-1) ?? "")).toBe(false);
    expect(await owner.db.read(sql`select id from linked_accounts where label = 'unlinks'`)).toEqual([]);
  });

  test("L10 a server that the owner disallows gets no token", async () => {
    const linked = await link("owner-takes");
    await linked.wait();
    const answer = await askWhile(linked, () => allowProvider(owner, "github", issues.uri, false));
    await allowProvider(owner, "github", issues.uri, true);
    expect(await errorOf(answer)).toBe("400 invalid_target");
  });
});
