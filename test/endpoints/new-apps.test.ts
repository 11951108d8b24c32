import { sql } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { readAppRequests, readAppRules, removeAppRule, setAppRule } from "../../src/flows/admin/app-rules.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { createInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { beginDevice, DEVICE_METADATA, pollDevice, viewDevice } from "../support/device.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createInternet } from "../support/internet.ts";
import {
  authorizationRequest,
  errorOf,
  grantCode,
  grantTokens,
  isActive,
  postJson,
  redeem,
  refresh,
  registerClient,
  type TestClient,
} from "../support/oauth-client.ts";

const internet = createInternet();
const gatehouse = await startGatehouse({ outbound: internet.outbound });
const { owner, issuer } = gatehouse;
const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
type Kind = "document" | "registered" | "redirect";

const rule = async (kind: Kind, pattern: string, decision: "welcome" | "ask" | "refuse") =>
  expect(await setAppRule(owner, kind, pattern, decision)).toEqual({ done: true });
afterEach(async () => {
  for (const { kind, pattern } of await readAppRules(owner)) await removeAppRule(owner, kind, pattern);
});

let count = 0;
function publish(host = `app${++count}.example`, redirect = "https://app.example/cb"): TestClient {
  const client = {
    client_id: `https://${host}/oauth/client.json`,
    client_name: `App at ${host}`,
    redirect_uris: [redirect],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  internet.serve(client.client_id, client);
  return client;
}
const at = async (client: TestClient, params: Record<string, string> = {}) =>
  browser.open((await authorizationRequest(gatehouse, client, params)).url);
/** What a person meets: the consent page, the page that waits, or the one that refuses. */
const meet = async (client: TestClient, params: Record<string, string> = {}): Promise<string> => {
  const { status } = await at(client, params);
  return { 200: "consent", 202: "held", 403: "refused" }[status] ?? String(status);
};
const back = (page: Awaited<ReturnType<typeof at>>) => page.html.querySelector("a.button")?.getAttribute("href");

describe("Clients: which apps come in", () => {
  test("without a rule, every app does", async () => {
    expect(await meet(publish())).toBe("consent");
    expect(await meet(await registerClient(gatehouse))).toBe("consent");
  });

  test.each([
    ["the host itself", "apps.example", "apps.example", "refused"],
    ["a host below it, not itself", "*.corp.example", "corp.example", "consent"],
    ["a host below it", "*.corp.example", "a.b.corp.example", "refused"],
    ["a host that only ends alike", "*.corp.example", "notcorp.example", "consent"],
    ["every host", "*", "other.example", "refused"],
  ] as const)("a rule names %s", async (_, pattern, host, met) => {
    await rule("document", pattern, "refuse");
    expect(await meet(publish(host))).toBe(met);
  });

  test("the nearest rule counts, and one that is taken away no more", async () => {
    await rule("document", "*", "refuse");
    await rule("document", "*.near.example", "ask");
    await rule("document", "one.near.example", "welcome");
    expect(await meet(publish("far.example"))).toBe("refused");
    expect(await meet(publish("two.near.example"))).toBe("held");
    expect(await meet(publish("one.near.example"))).toBe("consent");
    await removeAppRule(owner, "document", "one.near.example");
    expect(await meet(publish("one.near.example"))).toBe("held");
  });

  test("where an app comes from and where it sends people both have to be welcome", async () => {
    await rule("redirect", "evil.example", "refuse");
    expect(await meet(publish("good.example", "https://evil.example/cb"))).toBe("refused");
    for (const spelt of ["https://EVIL.example/cb", "https://evil.example./cb", "https://ev%69l.example:8443/cb"])
      expect(await meet(await registerClient(gatehouse, { redirect_uris: [spelt, "https://fine.example/"] }))).toBe(
        "refused",
      );
    await rule("redirect", "loopback", "ask");
    await rule("redirect", "cursor:", "ask");
    expect(await meet(await registerClient(gatehouse, { redirect_uris: ["http://127.0.0.1/cb"] }))).toBe("held");
    expect(await meet(await registerClient(gatehouse, { redirect_uris: ["cursor://x/cb"] }))).toBe("held");
    expect(await meet(await registerClient(gatehouse, { redirect_uris: ["vscode://x/cb"] }))).toBe("consent");
  });

  test("every website is neither this machine nor an app: real clients with a loopback URI stay welcome", async () => {
    await rule("redirect", "*", "refuse");
    expect(
      await meet(publish("code.example", "http://localhost/callback"), {
        redirect_uri: "http://localhost:4711/callback",
      }),
    ).toBe("consent");
    expect(
      await meet(await registerClient(gatehouse, { redirect_uris: ["https://web.example/cb", "cursor://x"] })),
    ).toBe("refused");
  });

  test("of an app that registered itself, a rule about where it sends people decides alone", async () => {
    await rule("registered", "", "ask");
    await rule("redirect", "claude.ai", "welcome");
    expect(await meet(await registerClient(gatehouse, { redirect_uris: ["https://claude.ai/cb"] }))).toBe("consent");
    const both = await registerClient(gatehouse, {
      redirect_uris: ["https://claude.ai/cb", "https://other.example/cb"],
    });
    expect(await meet(both)).toBe("consent");
    expect(await meet(both, { redirect_uri: "https://other.example/cb" })).toBe("held");
    // A document says by its host who it is.
    await rule("document", "liar.example", "refuse");
    expect(await meet(publish("liar.example", "https://claude.ai/cb"))).toBe("refused");
  });

  test("R6 where no app may register itself, none does, but who has a token of the owner's", async () => {
    await rule("registered", "", "refuse");
    const metadata = {
      client_name: "App",
      redirect_uris: ["https://app.example/cb"],
      token_endpoint_auth_method: "none",
    };
    const refused = await postJson(`${issuer}/register`, metadata);
    expect(await errorOf(refused)).toBe("403 access_denied");
    const made = await createInitialAccessToken(owner, { label: "x", resource: null, uses: 1, days: 1 });
    const token = "token" in made ? made.token : "";
    const invited = await postJson(`${issuer}/register`, metadata, { Authorization: `Bearer ${token}` });
    expect(invited.status).toBe(201);
    expect(await meet((await invited.json()) as TestClient)).toBe("consent");
  });

  test("an app that the owner made or approved comes in, but for a host that is refused by name", async () => {
    const approved = await registerClient(gatehouse);
    await meet(approved);
    await setClientStatus(owner, approved.client_id, "approve");
    const made = await createClient(
      owner,
      { client_name: "Ours", redirect_uris: ["https://app.example/callback"], token_endpoint_auth_method: "none" },
      [],
      null,
    );
    const ours = {
      client_id: "clientId" in made ? made.clientId : "",
      redirect_uris: ["https://app.example/callback"],
    };
    for (const kind of ["registered", "redirect", "document"] as const) await rule(kind, "*", "refuse");
    expect([await meet(approved), await meet(ours)]).toEqual(["consent", "consent"]);
    await rule("redirect", "app.example", "refuse");
    expect([await meet(approved), await meet(ours)]).toEqual(["refused", "consent"]);
  });
});

describe("Clients: an app that is kept out", () => {
  test("isn't fetched, and nothing of ours goes where answers may not", async () => {
    await rule("document", "evil.example", "refuse");
    const client = publish("evil.example", "https://evil.example/cb");
    const page = await at(client);
    expect(page.status).toBe(403);
    expect(page.html.textContent).toContain("evil.example can’t connect here");
    expect(internet.asked(client.client_id)).toBe(0);
    expect(back(page)).toBeUndefined();
    const [event] = await owner.db.read(sql`select count(*)::int as n from audit_events where name = 'app_refused'`);
    expect(event?.["n"]).toBeGreaterThan(0);
  });

  test("hears access_denied where it may be told", async () => {
    const client = publish();
    await meet(client);
    await rule("document", new URL(client.client_id).host, "refuse");
    const answer = new URL(back(await at(client)) ?? "");
    expect(answer.searchParams.get("error")).toBe("access_denied");
    expect(answer.searchParams.get("state")).toBe("the state");
    await rule("redirect", "app.example", "refuse");
    expect(back(await at(client))).toBeUndefined();
  });

  test("T7 I2 loses what it has at the next look-up, and a later rule brings nothing back", async () => {
    const client = publish();
    const tokens = await grantTokens(gatehouse, browser, client);
    const code = await grantCode(gatehouse, browser, client);
    const { host } = new URL(client.client_id);
    await rule("document", host, "refuse");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await errorOf(await redeem(gatehouse, client, code))).toBe("400 invalid_grant");
    await rule("document", host, "welcome");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    const [family] = await owner.db.read(
      sql`select revoked_reason as reason from token_families where client_id = ${client.client_id}`,
    );
    expect(family).toEqual({ reason: "app_refused" });
  });

  test("T7 I2 is refused by every door itself, also where nothing was revoked", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, browser, client);
    const code = await grantCode(gatehouse, browser, client);
    const page = await at(client);
    await owner.db.run(
      sql`insert into app_rules (kind, pattern, decision) values ('redirect', 'app.example', 'refuse')`,
    );
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await errorOf(await refresh(gatehouse, client, tokens.refresh_token))).toBe("400 invalid_grant");
    expect(await errorOf(await redeem(gatehouse, client, code))).toBe("400 invalid_grant");
    expect((await browser.submit(page, "/consent", { decision: "allow" })).left).toBeNull();
    await owner.db.run(sql`delete from app_rules`);
    // Nothing was spent for it.
    expect((await redeem(gatehouse, client, code)).status).toBe(200);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  });

  test("loses what came by an address that is refused, and comes in again by another", async () => {
    const uris = ["https://bad.example/cb", "https://fine.example/cb"];
    const client = await registerClient(gatehouse, { redirect_uris: uris });
    const tokens = await grantTokens(gatehouse, browser, client);
    await rule("redirect", "bad.example", "refuse");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
    expect(await meet(client, { redirect_uri: uris[0] ?? "" })).toBe("refused");
    const again = await grantTokens(gatehouse, browser, client, { redirect_uri: uris[1] });
    // A rule about others leaves it alone.
    await rule("redirect", "third.example", "refuse");
    expect(await isActive(gatehouse, again.access_token)).toBe(true);
  });

  test("keeps what it has where only new ones are asked about", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, browser, client);
    await rule("registered", "", "ask");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
    expect(await meet(client)).toBe("held");
  });

  test("A8 a consent page that was shown before grants nothing once the owner is to be asked", async () => {
    const client = await registerClient(gatehouse);
    const page = await at(client);
    await rule("registered", "", "ask");
    const answer = await browser.submit(page, "/consent", { decision: "allow" });
    expect([answer.status, answer.left]).toEqual([400, null]);
  });
});

describe("Clients: an app that the owner is asked about", () => {
  test("is held once for each person, goes on when it is approved, and stays out when it is refused", async () => {
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
    expect((await browser.open(waits.url)).status).toBe(400);
    expect((await readAppRequests(owner)).some(({ clientId }) => clientId === other.client_id)).toBe(false);
  });

  test("hears access_denied if its person doesn't wait, and consent_required where no page may be shown", async () => {
    await rule("registered", "", "ask");
    const client = await registerClient(gatehouse);
    expect(new URL(back(await at(client)) ?? "").searchParams.get("error")).toBe("access_denied");
    const silent = await at(client, { prompt: "none" });
    expect(silent.left?.searchParams.get("error")).toBe("consent_required");
  });

  test("with prompt=login signs in once, however often the page asks again", async () => {
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

  test("an approval is of the app as it is: one that changed is asked about anew", async () => {
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

  test("People: nobody has more than twenty wait", async () => {
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

  test("on a device waits too, and one that is kept out can't be allowed", async () => {
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
    expect([refused.status, refused.html.textContent.includes("does not let Radio in")]).toEqual([400, false]);
  });

  test("on a device that is refused between yes and poll, nothing is issued", async () => {
    const radio = await registerClient(gatehouse, { ...DEVICE_METADATA, client_name: "Radio" });
    const begun = await beginDevice(gatehouse, radio);
    const page = await viewDevice(gatehouse, browser, begun);
    await owner.db.run(sql`insert into app_rules (kind, pattern, decision) values ('registered', '*', 'refuse')`);
    expect((await browser.submit(page, "/device/decide", { decision: "allow" })).status).toBe(400);
    const seen = await viewDevice(gatehouse, browser, begun);
    expect([seen.status, seen.html.textContent.includes("does not let Radio in")]).toEqual([403, true]);
    await owner.db.run(sql`delete from app_rules`);
    await browser.submit(page, "/device/decide", { decision: "allow" });
    await owner.db.run(sql`insert into app_rules (kind, pattern, decision) values ('registered', '*', 'refuse')`);
    expect(await errorOf(await pollDevice(gatehouse, radio, begun))).toBe("400 access_denied");
  });
});
