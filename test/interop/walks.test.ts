import { describe, expect, test } from "vitest";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { createMcpHost, type McpHost } from "../support/mcp-client.ts";
import { scene } from "../support/scene.ts";
import { SDK_CLIENTS } from "../support/sdk-clients.ts";

const { gatehouse } = await scene({ example: true });
const { issuer } = gatehouse;
const { uri } = gatehouse.resource;
/** The example remembers it, so nobody else asks about this city. */
const REPORT = { city: "Lagos", sky: "rain" };
const LOOK_UP = { city: "Lisbon" };

/** Makes the access token expire, as an hour later. */
function spoil({ provider: { stored } }: McpHost): void {
  if (!stored.tokens) throw new Error("there are no tokens");
  stored.tokens = { ...stored.tokens, access_token: "gtha_over" };
}

describe.each(Object.entries(SDK_CLIENTS))("the official SDK %s, from the first connection to the last", (_, sdk) => {
  const start = async () => {
    const person = await gatehouse.addPerson();
    const browser = await gatehouse.signedInBrowser(person);
    /** Does what the account page does to the only connection. */
    const change = async (what: "narrow" | "add", scope: readonly string[]) => {
      const account = await browser.open(`${issuer}/account`);
      const path = new URL(account.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "").pathname;
      return browser.submit(await browser.open(issuer + path), `${path}/${what}`, { scope });
    };
    const open = (stored = {}) => createMcpHost(uri, browser, person, sdk, stored);
    return { person, open, change, host: open() };
  };

  test("connects, calls a tool, steps up, refreshes after narrowing, and restarts with its stored tokens", async () => {
    const { person, host, open, change } = await start();
    expect((await host.callTool("get_weather", LOOK_UP)).text).toContain("°C");
    expect([host.asked(), host.provider.stored.tokens?.scope]).toEqual([1, "weather:read"]);

    if (sdk.stepsUp) {
      expect((await host.callTool("report_weather", REPORT)).text).toContain(person.email);
    } else {
      // It refreshes, which can't widen its scopes, and gives up. The person adds the permission.
      await expect(host.callTool("report_weather", REPORT)).rejects.toThrow();
      await change("add", ["weather:report"]);
      expect((await host.callTool("report_weather", REPORT)).text).toContain(person.email);
    }
    expect(host.asked()).toBe(sdk.stepsUp ? 2 : 1);

    await change("narrow", ["weather:read"]);
    spoil(host);
    expect((await host.callTool("get_weather", LOOK_UP)).text).toContain("°C");
    expect(host.provider.stored.tokens?.scope).toBe("weather:read");
    const asked = host.asked();

    const restarted = open(structuredClone(host.provider.stored));
    spoil(restarted);
    expect((await restarted.callTool("get_weather", LOOK_UP)).text).toContain("°C");
    expect([host.asked(), restarted.asked()]).toEqual([asked, 0]);
  });

  test("registers again after it was deleted, and its person is asked once", async () => {
    const { host } = await start();
    await host.callTool("get_weather", LOOK_UP);
    const before = host.provider.stored.client?.client_id ?? "";
    await setClientStatus(gatehouse.owner, before, "delete");
    expect((await host.callTool("get_weather", LOOK_UP)).text).toContain("°C");
    expect(host.provider.stored.client?.client_id).not.toBe(before);
    expect(host.asked()).toBe(2);
  });
});
