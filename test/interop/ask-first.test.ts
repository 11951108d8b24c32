import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createDemoClient, type DemoClient } from "../../src/dev/demo-client.ts";
import type { Page } from "../../src/dev/headless-browser.ts";
import { answerConsent } from "../../src/dev/person.ts";
import { readAppRequests, removeAppRule, setAppRule } from "../../src/flows/admin/app-rules.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { createInternet } from "../support/internet.ts";
import { ownScene } from "../support/scene.ts";
import { SDK_CLIENTS } from "../support/sdk-clients.ts";

const internet = createInternet();
const { gatehouse, browser } = await ownScene({ example: true, outbound: internet.outbound });
const { owner } = gatehouse;
const { uri } = gatehouse.resource;

const DOCUMENT = "https://editor.example/oauth/client.json";
internet.serve(DOCUMENT, {
  client_id: DOCUMENT,
  client_name: "Documented editor",
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token"],
  token_endpoint_auth_method: "none",
});
beforeEach(async () => {
  await setAppRule(owner, "registered", "", "ask");
  await setAppRule(owner, "document", "*", "ask");
});
afterAll(async () => {
  await removeAppRule(owner, "registered", "");
});

/** The two ways in which an unknown app arrives. */
const APPS: Readonly<Record<string, () => DemoClient>> = {
  "registers itself": () => createDemoClient(),
  "has a metadata document": () => ({
    ...createDemoClient({ redirect_uris: ["http://127.0.0.1:33418/callback"] }),
    clientMetadataUrl: DOCUMENT,
  }),
};

describe.each(Object.keys(SDK_CLIENTS) as (keyof typeof SDK_CLIENTS)[])("the official SDK client %s", (version) => {
  const sdk = SDK_CLIENTS[version];
  /** What the host program of a client does: it tries, and opens the browser where it is told to. */
  async function begin(provider: DemoClient): Promise<Page> {
    const connection = sdk.open(uri, provider);
    await expect(connection.connect()).rejects.toSatisfy(sdk.isUnauthorized);
    await connection.close();
    return browser.open(provider.authorizationUrl ?? "");
  }
  const callTool = async (provider: DemoClient) => {
    const connection = sdk.open(uri, provider);
    await connection.connect();
    const { content } = await connection.callTool("get_weather", { city: "Oslo" });
    await connection.close();
    return content[0]?.text;
  };
  const waiting = async () => (await readAppRequests(owner)).map(({ clientId }) => clientId);

  test.each(Object.keys(APPS))(
    `Clients: that %s waits for the owner, and connects once the owner approves it`,
    async (way) => {
      // The 1.x line registers in every case, as it was not told of documents here.
      const provider = APPS[way]?.() ?? createDemoClient();
      const held = await begin(provider);
      expect(held.status).toBe(202);
      const id = provider.stored.client?.client_id ?? "";
      expect(await waiting()).toContain(id);
      await setClientStatus(owner, id, "approve");
      // The page asks again by itself, where it is.
      const answer = await answerConsent(browser, await browser.open(held.url), { decision: "allow" });
      const connection = sdk.open(uri, provider);
      await connection.finish(answer);
      await connection.close();
      expect(await callTool(provider)).toContain("°C");
      await setClientStatus(owner, id, "delete");
    },
  );

  test("Clients: that gave up waiting can start again, and then connects", async () => {
    const provider = createDemoClient();
    expect((await begin(provider)).status).toBe(202);
    await setClientStatus(owner, provider.stored.client?.client_id ?? "", "approve");
    const answer = await answerConsent(browser, await begin(provider), { decision: "allow" });
    const connection = sdk.open(uri, provider);
    await connection.finish(answer);
    await connection.close();
    expect(await callTool(provider)).toContain("°C");
  });

  test("Clients: gets access_denied if the person goes back before the owner has answered", async () => {
    const provider = createDemoClient();
    const held = await begin(provider);
    const back = new URL(held.html.querySelector("a.button")?.getAttribute("href") ?? "");
    expect(back.searchParams.get("error")).toBe("access_denied");
    const connection = sdk.open(uri, provider);
    await expect(connection.finish(back)).rejects.toThrow();
    await connection.close();
  });
});
