import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { HeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { DEVICE_CODE_GRANT } from "../../src/oauth/grant-type.ts";
import { addIssuesServer, answerOf, connectThere, exchange, type LinkedResource } from "../support/linked.ts";
import { postForm, registerClient } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await ownScene();
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const device = await registerClient(gatehouse, { grant_types: [DEVICE_CODE_GRANT] });
const { client_id } = device;

/** A person allows a device what it asks for. Returns the pages before and after, and the device's token. */
async function allowDevice(
  resource: LinkedResource,
  scope = "issues:write",
  { by = browser, ...ticked }: { by?: HeadlessBrowser; scope?: string[] } = {},
) {
  const begun = await postForm(`${issuer}/device_authorization`, { client_id, resource: resource.uri, scope });
  const { device_code, user_code } = (await begun.json()) as { device_code: string; user_code: string };
  const asked = await by.submit(await by.open(`${issuer}/device`), "/device", { user_code });
  const done = await by.submit(asked, "/device/decide", { decision: "allow", ...ticked });
  const polled = await postForm(`${issuer}/token`, { grant_type: DEVICE_CODE_GRANT, device_code, client_id });
  const { access_token } = (await polled.json()) as { access_token: string };
  return { asked, done, link: done.html.querySelector("a[href*='/connect/']")?.getAttribute("href"), access_token };
}

test("L4 the question for a device names the account that it needs and why, and the next page leads there", async () => {
  const { asked, link, access_token } = await allowDevice(issues);
  for (const part of ["GitHub account", "Write issues", "It changes what others see."]) {
    expect(asked.html.textContent).toContain(part);
  }
  expect((await answerOf(await exchange(gatehouse, issues, access_token, "github"))).error).toBe(
    "interaction_required",
  );
  const connected = await browser.open(await connectThere(browser, await browser.open(link ?? ""), "from-a-device"));
  expect(connected.url.pathname).toBe("/account/linked");
  const given = await answerOf(await exchange(gatehouse, issues, access_token, "github"));
  expect(github.isLive(given.access_token)).toBe(true);
});

test("L4 if the account is already linked, the device's server may use it from then on, and no page leads to the provider", async () => {
  const other = await addIssuesServer(gatehouse, "github");
  const { link, access_token } = await allowDevice(other);
  expect(link).toBeUndefined();
  expect((await exchange(gatehouse, other, access_token, "github")).status).toBe(200);
});

test("L4 a permission that needs no account leads nowhere", async () => {
  expect((await allowDevice(issues, "time:read")).link).toBeUndefined();
});

test("L4 an unticked permission needs no account, and lets the server use none", async () => {
  const other = await addIssuesServer(gatehouse, "github");
  const ask = "issues:read time:read";
  const scope = ["time:read"];
  const newcomer = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  for (const by of [newcomer, browser]) {
    const { asked, done, link, access_token } = await allowDevice(other, ask, { by, scope });
    expect(asked.html.textContent).toContain("GitHub account");
    expect(done.html.textContent).not.toContain("GitHub");
    expect(link).toBeUndefined();
    const refused = await exchange(gatehouse, other, access_token, "github");
    expect([refused.status, (await answerOf(refused)).error]).toEqual([400, "invalid_target"]);
  }
  const grants = () => gatehouse.owner.db.read(sql`select scopes from account_grants where resource_id = ${other.id}`);
  expect(await grants()).toEqual([]);
  await allowDevice(other, ask);
  expect(await grants()).toHaveLength(1);
});
