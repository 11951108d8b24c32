import { afterAll, expect, test } from "vitest";
import { allowAccess } from "../../src/flows/admin/access-rules.ts";
import { readGroup } from "../../src/flows/admin/groups.ts";
import { changeResource } from "../../src/flows/admin/resources.ts";
import { launchChromium, openPage, signInPage } from "../support/chromium.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { inspect } from "../support/inspection.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { addRestrictedServer } from "../support/restricted-server.ts";

const gatehouse = await startGatehouse();
const { issuer, owner } = gatehouse;
const chromium = await launchChromium();
afterAll(() => chromium.close());

test("who may use a server is chosen and shown, narrow and wide, light and dark, and axe finds nothing", {
  timeout: 240_000,
}, async () => {
  const boss = await gatehouse.addOwner("owner@example.com");
  const { page, complaints } = await openPage(chromium, { reducedMotion: "reduce" });
  const enter = (person: { email: string }) => signInPage(gatehouse, page, person);
  const { id, uri, person } = await addRestrictedServer(gatehouse, "https://payroll.example/mcp");
  const client = await registerClient(gatehouse, { client_name: "Code editor" });
  const request = await authorizationRequest(gatehouse, client, { resource: uri });

  await enter(person);
  await page.goto(request.url.href);
  await inspect(page, "no-access");

  await enter(boss);
  await page.goto(`${issuer}/admin/groups`);
  await inspect(page, "admin-groups-empty");
  await page.getByText("Add a group").click();
  await page.getByLabel("Name").fill("Accounting");
  await inspect(page, "admin-groups-add");
  await page.getByRole("button", { name: "Add group" }).click();
  await page.getByLabel("Email address").fill(person.email);
  await page.getByRole("button", { name: "Add to the group" }).click();
  await inspect(page, "admin-group");
  await page.goto(`${issuer}/admin/groups`);
  await inspect(page, "admin-groups");

  await page.goto(`${issuer}/admin/resources/${id}`);
  await page.getByText("Add a person or a group").click();
  await page.getByLabel("Who", { exact: true }).selectOption("Group: Accounting");
  await page.getByRole("checkbox", { name: "Write" }).uncheck();
  await inspect(page, "admin-resource-access");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("link", { name: "Accounting" }).waitFor();
  await allowAccess(owner, id, { kind: "person", email: boss.email }, []);
  await page.reload();
  await inspect(page, "admin-resource-rules");

  const scopes = [{ name: "read", description: "Read", implies: [], isDefault: true }];
  await changeResource(owner, id, {
    name: "Payroll",
    scopes,
    isDefault: false,
    maxFamilySeconds: null,
    accessSeconds: 86_400,
  });
  await enter(person);
  await page.goto(request.url.href);
  await inspect(page, "consent-access");
  await page.getByText("Until then the app renews its access every day.").waitFor();
  // The page that says whom to ask is a 403.
  expect(complaints.filter((each) => !each.includes("403 (Forbidden)"))).toEqual([]);
  expect((await readGroup(owner, "Accounting"))?.members).toEqual([person.email]);
});
