import { expect, test } from "vitest";
import { DEVICE_CODE_GRANT } from "../../src/oauth/client-metadata.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, connectThere, exchange, type LinkedResource } from "../support/linked.ts";
import { postForm, registerClient } from "../support/oauth-client.ts";
import { addGitHub } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const github = await addGitHub(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
const device = await registerClient(gatehouse, { grant_types: [DEVICE_CODE_GRANT] });
const { client_id } = device;

/** A person allows a device what it asks; the pages before and after, and the device's token. */
async function allowDevice(resource: LinkedResource, scope = "issues:write") {
  const begun = await postForm(`${issuer}/device_authorization`, { client_id, resource: resource.uri, scope });
  const { device_code, user_code } = (await begun.json()) as { device_code: string; user_code: string };
  const asked = await browser.submit(await browser.open(`${issuer}/device`), "/device", { user_code });
  const done = await browser.submit(asked, "/device/decide", { decision: "allow" });
  const polled = await postForm(`${issuer}/token`, { grant_type: DEVICE_CODE_GRANT, device_code, client_id });
  const { access_token } = (await polled.json()) as { access_token: string };
  return { asked, done, link: done.html.querySelector("a[href*='/connect/']")?.getAttribute("href"), access_token };
}

test("L4 a device's question names the account that is needed and why; the page after it leads there, and nothing waits", async () => {
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

test("L4 where the account is there already, a device's server may use it from then on, and nobody is led anywhere", async () => {
  const other = await addIssuesServer(gatehouse, "github");
  const { link, access_token } = await allowDevice(other);
  expect(link).toBeUndefined();
  expect((await exchange(gatehouse, other, access_token, "github")).status).toBe(200);
});

test("L4 what needs nothing leads nowhere", async () => {
  expect((await allowDevice(issues, "time:read")).link).toBeUndefined();
});
