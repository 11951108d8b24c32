import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { inviteFirstOwner } from "../../src/flows/admin/setup-links.ts";
import { addAuthenticator, launchChromium, openPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { createInternet } from "../support/internet.ts";
import { authorizationRequest, grantTokens, postForm, refresh, registerClient } from "../support/oauth-client.ts";

const internet = createInternet();
const gatehouse = await startGatehouse({ outbound: internet.outbound });
const { issuer, owner } = gatehouse;
const browser = await launchChromium();
afterAll(() => browser.close());

const DOCUMENT = {
  client_id: "https://assistant.example/oauth/client.json",
  client_name: "Assistant",
  redirect_uris: ["https://assistant.example/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
};
internet.serve(DOCUMENT.client_id, DOCUMENT);

/** Connections with a history, and two weeks of events. */
async function live(email: string): Promise<void> {
  const person = await gatehouse.addPerson();
  const visitor = await gatehouse.signedInBrowser(person);
  const editor = await registerClient(gatehouse, {
    client_name: "Code editor",
    redirect_uris: ["http://127.0.0.1/cb"],
  });
  const stolen = await grantTokens(gatehouse, visitor, editor);
  await grantTokens(gatehouse, visitor, DOCUMENT);
  await gatehouse.moveClock(600);
  await refresh(gatehouse, editor, stolen.refresh_token);
  await gatehouse.moveClock(3000);
  await refresh(gatehouse, editor, stolen.refresh_token);
  await gatehouse.moveClock(0);
  await grantTokens(gatehouse, visitor, editor);
  await owner.db.run(sql`
    update token_families set user_id = (select id from users where email = ${email}) where user_id = ${person.id}`);
  // Puts all of that some hours into the past, in a browser that people really use.
  const userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/148.0.0.0 Safari/537.36";
  await owner.db.run(sql`update audit_events set at = at - interval '5 hours'`);
  await owner.db.run(sql`update token_families set user_agent = ${userAgent}, created_at = created_at - interval '5 hours',
    revoked_at = revoked_at - interval '5 hours'`);
  await owner.db.run(sql`update refresh_tokens set used_at = used_at - interval '5 hours'`);
  await owner.db.run(sql`
    update recent_refreshes set day = day - (seconds[1] < 18000)::int,
      seconds = array(select (second + 68400) % 86400 from unnest(seconds) second)`);
  await owner.db.run(sql`update sessions set user_agent = ${userAgent}`);
  await owner.db.run(sql`
    insert into audit_events (at, name)
    select now() - day * interval '1 day', name
    from generate_series(0, 13) day,
      (values ('signed_in', 3), ('token_refreshed', 40), ('client_authentication_failed', 1)) kinds(name, share),
      generate_series(1, 1 + share * (1 + (day * 7) % 5) / 2) n
    where name <> 'client_authentication_failed' or day % 4 = 1`);
}

test("every page can be read, narrow and wide, light and dark, and axe finds nothing", {
  timeout: 240_000,
}, async () => {
  // Between two sizes of the window, a transition to the next page would be aborted with an error.
  const { page, complaints } = await openPage(browser, { reducedMotion: "reduce" });
  const authenticator = await addAuthenticator(page.context(), page);
  const look = async (name: string, path: string) => {
    await page.goto(issuer + path);
    await inspect(page, name);
  };

  await look("home", "/");
  await look("setup-code", "/setup");
  const link = await inviteFirstOwner(owner, issuer);
  await page.goto(link?.url ?? "");
  await page.getByLabel("Your email address").fill("ada@example.com");
  await inspect(page, "setup-email");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Use a passkey" }).waitFor();
  await inspect(page, "setup");
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL("**/account/security?done=set_up");
  await inspect(page, "security");
  await page.getByRole("button", { name: "Create recovery codes" }).click();
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  await inspect(page, "recovery-codes");
  await look("account-empty", "/account");

  await live("ada@example.com");
  await look("account", "/account");
  await page.getByRole("link", { name: "Code editor" }).first().click();
  await inspect(page, "connection");
  await look("account-ended", "/account?ended");
  await page.getByRole("link", { name: "Code editor" }).first().click();
  await inspect(page, "connection-stolen");
  await look("sessions", "/account/sessions");

  const editor = await registerClient(gatehouse, {
    client_name: "Code editor",
    redirect_uris: ["http://127.0.0.1/cb"],
  });
  await page.goto((await authorizationRequest(gatehouse, editor)).url.href);
  await inspect(page, "consent");
  await page.goto((await authorizationRequest(gatehouse, DOCUMENT)).url.href);
  await inspect(page, "consent-document");
  await look("error", "/authorize");

  const television = await registerClient(gatehouse, {
    client_name: "Television",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
  });
  const begun = await postForm(`${issuer}/device_authorization`, { client_id: television.client_id });
  const { verification_uri_complete } = (await begun.json()) as { verification_uri_complete: string };
  await page.goto(verification_uri_complete);
  await inspect(page, "device");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Allow" }).waitFor();
  await inspect(page, "device-consent");
  await page.getByRole("button", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "Device connected" }).waitFor();
  await inspect(page, "device-done");

  await look("admin", "/admin");
  await look("admin-resources", "/admin/resources");
  await page.getByRole("link", { name: "Weather" }).click();
  await inspect(page, "admin-resource");
  await page.getByRole("button", { name: "Create a new credential" }).click();
  await page.getByText("It is not shown again").waitFor();
  await inspect(page, "admin-resource-credential");
  await page.getByRole("button", { name: "Create a new credential" }).click();
  await page.getByText("stops working at once. It was never used.").waitFor();
  await inspect(page, "admin-resource-credential-question");
  await look("admin-clients", "/admin/clients");
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  await page.getByRole("button", { name: "Block selected" }).click();
  await page.getByRole("heading", { name: /^Block . apps\?/ }).waitFor();
  await inspect(page, "admin-clients-question");
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Assistant" }).click();
  await inspect(page, "admin-client");
  await page.goto(`${issuer}/admin/people`);
  await page.getByText("Invite someone").click();
  await inspect(page, "admin-people-invite");
  await page.getByLabel("Email address", { exact: true }).fill("grace@example.com");
  await page.getByRole("button", { name: "Create invitation" }).click();
  await page.getByText("Send this link to the person").waitFor();
  await inspect(page, "admin-people");
  await page.goto(`${issuer}/admin/registration`);
  await page.getByText("Create a token").click();
  await page.getByLabel("Name").fill("The team's apps");
  await page.getByRole("button", { name: "Create token" }).click();
  await page.getByText("It is not shown again").waitFor();
  await inspect(page, "admin-registration");
  await look("admin-refusals", "/admin/refusals");
  await look("admin-audit", "/admin/audit");

  await authenticator.answers(false);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL("**/login");
  await inspect(page, "login");
  await page.getByLabel("Email address").fill("ada@example.com");
  await page.getByLabel("Password").fill("not this");
  await page.getByRole("button", { name: "Sign in with a password" }).click();
  await page.getByRole("alert").first().waitFor();
  await inspect(page, "login-failed");
  await look("recovery", "/login/recovery");
  expect(complaints.filter((text) => !text.includes("status of 400"))).toEqual([]);
});
