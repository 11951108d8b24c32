import { afterEach, expect } from "vitest";
import { readAppRules, removeAppRule, setAppRule } from "../../src/flows/admin/app-rules.ts";
import { startGatehouse } from "./gatehouse.ts";
import { createInternet } from "./internet.ts";
import { authorizationRequest, type TestClient } from "./oauth-client.ts";

type Kind = "document" | "registered" | "redirect";

/** A Gatehouse in front of an internet that serves apps' documents, a person who meets them, and rules for a test each. */
export async function startNewApps() {
  const internet = createInternet();
  const gatehouse = await startGatehouse({ outbound: internet.outbound });
  const { owner } = gatehouse;
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());

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
  return { gatehouse, internet, browser, rule, publish, at, meet, back };
}
