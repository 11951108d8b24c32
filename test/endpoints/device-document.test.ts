import { describe, expect, test } from "vitest";
import { beginDevice, DEVICE_GRANT, decideDevice, pollDevice, requestDevice, viewDevice } from "../support/device.ts";
import { createInternet } from "../support/internet.ts";
import { authorizationRequest, errorOf, isActive, type TestClient, type Tokens } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { gatehouse, browser } = await ownScene({ outbound: internet.outbound });
const begin = (app: TestClient) => beginDevice(gatehouse, app);
const view = (of: { user_code: string }) => viewDevice(gatehouse, browser, of);
const poll = (of: { device_code: string }, app: TestClient) => pollDevice(gatehouse, app, of);

describe("R8 a device whose client has a metadata document", () => {
  const publish = (document: Record<string, unknown> = {}): TestClient => {
    const client_id = `https://app${crypto.randomUUID()}.example/client.json`;
    const app = {
      client_id,
      client_name: "An app",
      redirect_uris: ["https://app.example/cb"],
      grant_types: ["authorization_code", "refresh_token", DEVICE_GRANT],
      token_endpoint_auth_method: "none",
      ...document,
    };
    internet.serve(client_id, app);
    return app;
  };
  const know = async (app: TestClient) => {
    expect((await browser.open((await authorizationRequest(gatehouse, app)).url)).status).toBe(200);
  };

  test("R8 the document is not fetched for a device, and is known once somebody has used the client in a browser", async () => {
    const app = publish();
    expect(await errorOf(await requestDevice(gatehouse, app))).toBe("401 invalid_client");
    expect(internet.asked(app.client_id)).toBe(0);
    await know(app);
    const authorization = await begin(app);
    const page = await view(authorization);
    expect(page.html.textContent).toContain(new URL(app.client_id).host);
    await decideDevice(browser, page);
    expect((await poll(authorization, app)).status).toBe(200);
  });

  test("R8 the person sees the current document", async () => {
    const app = publish();
    await know(app);
    internet.serve(app.client_id, { ...app, client_name: "Another name" });
    await gatehouse.moveClock(400);
    const page = await view(await begin(app));
    expect(page.html.textContent).toContain("Another name");
    expect((await decideDevice(browser, page)).status).toBe(200);
    internet.serve(app.client_id, () => new Response("", { status: 404 }));
    await gatehouse.moveClock(800);
    const gone = await view(await begin(app));
    expect([gone.status, gone.html.textContent.includes("describes itself at")]).toEqual([400, true]);
    await gatehouse.moveClock(0);
  });

  test("R8 a client whose document has dropped the grant gets no tokens", async () => {
    const app = publish();
    await know(app);
    const authorization = await begin(app);
    internet.serve(app.client_id, { ...app, grant_types: ["authorization_code"] });
    await gatehouse.moveClock(400);
    expect((await view(authorization)).status).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("T3 a second redemption ends only this device's connection with the app", async () => {
    const app = publish();
    await know(app);
    const connect = async () => {
      const authorization = await begin(app);
      await decideDevice(browser, await view(authorization));
      return { authorization, tokens: (await (await poll(authorization, app)).json()) as Tokens };
    };
    const [one, other] = [await connect(), await connect()];
    await gatehouse.moveClock(31);
    expect(await errorOf(await poll(one.authorization, app))).toBe("400 invalid_grant");
    await gatehouse.moveClock(0);
    expect(await isActive(gatehouse, one.tokens.access_token)).toBe(false);
    expect(await isActive(gatehouse, other.tokens.access_token)).toBe(true);
  });
});
