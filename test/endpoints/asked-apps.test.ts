import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { readAppRequests } from "../../src/flows/admin/app-rules.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { beginDevice, DEVICE_METADATA, pollDevice, viewDevice } from "../support/device.ts";
import { startNewApps } from "../support/new-apps.ts";
import { authorizationRequest, errorOf, registerClient } from "../support/oauth-client.ts";

const { gatehouse, internet, browser, rule, publish, at, meet, back } = await startNewApps();
const { owner } = gatehouse;

describe("Clients: an app that the owner is asked about", () => {
  test("is held once for each person, continues when it is approved, and stays out when it is refused", async () => {
    await rule("registered", "", "ask");
    const client = await registerClient(gatehouse, { client_name: "Newcomer" });
    const page = await at(client, { prompt: "consent", scope: "mcp:tools" });
    expect([page.status, page.headers.get("Refresh")]).toEqual([202, "20"]);
    expect(page.url.searchParams.has("continue")).toBe(true);
    const [request, ...others] = (await readAppRequests(owner)).filter(({ clientName }) => clientName === "Newcomer");
    expect(others).toEqual([]);
    expect(request).toMatchObject({ clientId: client.client_id, scopes: ["mcp:tools"], redirectHost: "app.example" });
    expect(page.html.textContent).toContain(request?.id.slice(0, 8));
    // The page asks again, and nothing new is written down.
    expect((await browser.open(page.url)).status).toBe(202);
    expect((await readAppRequests(owner)).filter(({ clientId }) => clientId === client.client_id)).toEqual([request]);
    const [events] = await owner.db.read(
      sql`select count(*)::int as n from audit_events where name = 'app_requested' and client_id = ${client.client_id}`,
    );
    expect(events?.["n"]).toBe(1);

    await setClientStatus(owner, client.client_id, "approve", request?.fingerprint);
    expect((await readAppRequests(owner)).some(({ clientId }) => clientId === client.client_id)).toBe(false);
    const consent = await browser.open(page.url);
    expect(consent.status).toBe(200);
    const answer = await browser.submit(consent, "/consent", { decision: "allow" });
    expect(answer.left?.searchParams.get("code")).toBeTruthy();
    expect(answer.left?.searchParams.get("state")).toBe("the state");

    const other = await registerClient(gatehouse);
    const waits = await at(other);
    await setClientStatus(owner, other.client_id, "block");
    const refused = await browser.open(waits.url);
    expect(refused.status).toBe(400);
    expect(refused.html.textContent).toContain("If you need this app, ask the owner of this service.");
    expect((await readAppRequests(owner)).some(({ clientId }) => clientId === other.client_id)).toBe(false);
  });

  test("gets access_denied if its person doesn't wait, and consent_required where no page may be shown", async () => {
    await rule("registered", "", "ask");
    const client = await registerClient(gatehouse);
    expect(new URL(back(await at(client)) ?? "").searchParams.get("error")).toBe("access_denied");
    const silent = await at(client, { prompt: "none" });
    expect(silent.left?.searchParams.get("error")).toBe("consent_required");
  });

  test("makes its person sign in once with prompt=login, however often the page asks again", async () => {
    await rule("registered", "", "ask");
    const person = await gatehouse.addPerson();
    const own = await gatehouse.signInBrowser(person);
    const { url } = await authorizationRequest(gatehouse, await registerClient(gatehouse), { prompt: "login" });
    const login = await own.open(url);
    expect(login.url.pathname).toBe("/login");
    const held = await own.submit(login, "/login", person);
    expect(held.status).toBe(202);
    expect((await own.open(held.url)).status).toBe(202);
  });

  test("loses an approval when it changes, since an approval is of the app as it is", async () => {
    const client = publish();
    const { host } = new URL(client.client_id);
    await rule("document", host, "ask");
    expect(await meet(client)).toBe("held");
    await setClientStatus(owner, client.client_id, "approve");
    expect(await meet(client)).toBe("consent");
    internet.serve(client.client_id, { ...client, redirect_uris: [...client.redirect_uris, "https://new.example/cb"] });
    await owner.db.run(sql`update clients set document_fresh_until = now() where id = ${client.client_id}`);
    expect(await meet(client)).toBe("held");
  });

  test("People: waits for one person together with at most nineteen other apps", async () => {
    await rule("registered", "", "ask");
    const own = await gatehouse.signedInBrowser(await gatehouse.addPerson("busy@example.com"));
    const statuses: (string | number)[] = [];
    for (let n = 0; n < 21; n++) {
      const page = await own.open((await authorizationRequest(gatehouse, await registerClient(gatehouse))).url);
      statuses.push(page.left?.searchParams.get("error") ?? page.status);
    }
    expect(statuses).toEqual([...Array(20).fill(202), "access_denied"]);
    await owner.db.run(sql`delete from app_requests`);
  });

  test("has to wait on a device too, and can't be allowed there if it is refused", async () => {
    const television = await registerClient(gatehouse, DEVICE_METADATA);
    await rule("registered", "", "ask");
    const begun = await beginDevice(gatehouse, television);
    const held = await viewDevice(gatehouse, browser, begun);
    expect(held.status).toBe(202);
    await setClientStatus(owner, television.client_id, "approve");
    const page = await browser.submit(held, "/device", {});
    expect(page.status).toBe(200);
    expect((await browser.submit(page, "/device/decide", { decision: "allow" })).status).toBe(200);
    expect((await pollDevice(gatehouse, television, begun)).status).toBe(200);

    const other = await registerClient(gatehouse, { ...DEVICE_METADATA, client_name: "Radio" }).catch(() => null);
    expect(other).not.toBeNull();
    if (!other) return;
    const again = await beginDevice(gatehouse, other);
    await rule("registered", "", "refuse");
    const refused = await viewDevice(gatehouse, browser, again);
    expect([refused.status, refused.html.textContent.includes("doesn’t allow this app")]).toEqual([400, false]);
  });

  test("gets nothing on a device if it is refused between the person's yes and the poll", async () => {
    const radio = await registerClient(gatehouse, { ...DEVICE_METADATA, client_name: "Radio" });
    const begun = await beginDevice(gatehouse, radio);
    const page = await viewDevice(gatehouse, browser, begun);
    await owner.db.run(sql`insert into app_rules (kind, pattern, decision) values ('registered', '*', 'refuse')`);
    expect((await browser.submit(page, "/device/decide", { decision: "allow" })).status).toBe(400);
    const seen = await viewDevice(gatehouse, browser, begun);
    expect([seen.status, seen.html.textContent.includes("doesn’t allow this app")]).toEqual([403, true]);
    await owner.db.run(sql`delete from app_rules`);
    await browser.submit(page, "/device/decide", { decision: "allow" });
    await owner.db.run(sql`insert into app_rules (kind, pattern, decision) values ('registered', '*', 'refuse')`);
    expect(await errorOf(await pollDevice(gatehouse, radio, begun))).toBe("400 access_denied");
  });
});
