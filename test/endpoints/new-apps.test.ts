import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { removeAppRule } from "../../src/flows/admin/app-rules.ts";
import { createClient } from "../../src/flows/admin/create-client.ts";
import { createInitialAccessToken } from "../../src/flows/admin/initial-access-tokens.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { startNewApps } from "../support/new-apps.ts";
import {
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

const { gatehouse, internet, browser, rule, publish, at, meet, back } = await startNewApps();
const { owner, issuer } = gatehouse;

describe("Clients: rules about new apps", () => {
  test("without a rule, every app comes in", async () => {
    expect(await meet(publish())).toBe("consent");
    expect(await meet(await registerClient(gatehouse))).toBe("consent");
  });

  test.each([
    ["the host itself", "apps.example", "apps.example", "refused"],
    ["hosts below a domain without the domain itself", "*.corp.example", "corp.example", "consent"],
    ["hosts below a domain", "*.corp.example", "a.b.corp.example", "refused"],
    ["no host that merely ends with the same letters", "*.corp.example", "notcorp.example", "consent"],
    ["every host", "*", "other.example", "refused"],
  ] as const)("a rule can name %s", async (_, pattern, host, met) => {
    await rule("document", pattern, "refuse");
    expect(await meet(publish(host))).toBe(met);
  });

  test("the most specific rule counts, and a deleted rule doesn't", async () => {
    await rule("document", "*", "refuse");
    await rule("document", "*.near.example", "ask");
    await rule("document", "one.near.example", "welcome");
    expect(await meet(publish("far.example"))).toBe("refused");
    expect(await meet(publish("two.near.example"))).toBe("held");
    expect(await meet(publish("one.near.example"))).toBe("consent");
    await removeAppRule(owner, "document", "one.near.example");
    expect(await meet(publish("one.near.example"))).toBe("held");
  });

  test("both an app's own host and the address that it sends people to have to be welcome", async () => {
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

  test("a rule for every website leaves real clients with a loopback URI welcome", async () => {
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

  test("an app that registered itself is judged by its redirect addresses if there is a rule about them", async () => {
    await rule("registered", "", "ask");
    await rule("redirect", "claude.ai", "welcome");
    expect(await meet(await registerClient(gatehouse, { redirect_uris: ["https://claude.ai/cb"] }))).toBe("consent");
    const both = await registerClient(gatehouse, {
      redirect_uris: ["https://claude.ai/cb", "https://other.example/cb"],
    });
    expect(await meet(both)).toBe("consent");
    expect(await meet(both, { redirect_uri: "https://other.example/cb" })).toBe("held");
    // The host of a document proves which app it is.
    await rule("document", "liar.example", "refuse");
    expect(await meet(publish("liar.example", "https://claude.ai/cb"))).toBe("refused");
  });

  test("R6 if no app may register itself, only one with the owner's token can", async () => {
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

  test("an app that the owner made or approved comes in unless a rule refuses its host by name", async () => {
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

describe("Clients: an app that a rule refuses", () => {
  test("is never fetched, and no answer goes to an address that a rule refuses", async () => {
    await rule("document", "evil.example", "refuse");
    const client = publish("evil.example", "https://evil.example/cb");
    const page = await at(client);
    expect(page.status).toBe(403);
    expect(page.html.textContent).toContain("evil.example can’t connect here");
    expect(internet.asked(client.client_id)).toBe(0);
    expect(back(page)).toBe(`${issuer}/account`);
    const [event] = await owner.db.read(sql`select count(*)::int as n from audit_events where name = 'app_refused'`);
    expect(event?.["n"]).toBeGreaterThan(0);
  });

  test("gets access_denied if answers may go to its address", async () => {
    const client = publish();
    await meet(client);
    await rule("document", new URL(client.client_id).host, "refuse");
    const answer = new URL(back(await at(client)) ?? "");
    expect(answer.searchParams.get("error")).toBe("access_denied");
    expect(answer.searchParams.get("state")).toBe("the state");
    await rule("redirect", "app.example", "refuse");
    expect(back(await at(client))).toBe(`${issuer}/account`);
  });

  test("T7 I2 loses its access at the next look-up, and no later rule restores it", async () => {
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

  test("T7 I2 is refused by every gate, even if nothing was revoked", async () => {
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

  test("loses what came by a refused address, and can come in again by another", async () => {
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

  test("keeps its access if a rule asks only about new apps", async () => {
    const client = await registerClient(gatehouse);
    const tokens = await grantTokens(gatehouse, browser, client);
    await rule("registered", "", "ask");
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
    expect(await meet(client)).toBe("held");
  });

  test("A8 gets nothing by a consent page that was shown before the rule", async () => {
    const client = await registerClient(gatehouse);
    const page = await at(client);
    await rule("registered", "", "ask");
    const answer = await browser.submit(page, "/consent", { decision: "allow" });
    expect([answer.status, answer.left]).toEqual([400, null]);
  });
});
