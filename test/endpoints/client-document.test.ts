import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { DOCUMENT_LIMITS } from "../../src/flows/client/document.ts";
import { createInternet } from "../support/internet.ts";
import { authorizationRequest, grantTokens, isActive, refresh, type TestClient } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { gatehouse, browser } = await ownScene({
  outbound: internet.outbound,
  // Longer than a document may be cached.
  vars: { SESSION_IDLE_SECONDS: String(30 * 24 * 3600) },
});

const HOUR = 3600;
const DAY = 24 * HOUR;
let count = 0;

/** A client with a document at a URL of its own. */
function publish(document: Record<string, unknown> = {}, headers: Record<string, string> = {}): TestClient {
  const client = {
    client_id: `https://app${++count}.example/oauth/client.json`,
    client_name: "An app",
    redirect_uris: ["https://app.example/cb"],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
    ...document,
  };
  internet.serve(client.client_id, client, headers);
  return client;
}

/** The result for a signed-in person: the status of the page, or the error that the client gets. */
async function meet(client: TestClient): Promise<{ status: number; text: string }> {
  const { url } = await authorizationRequest(gatehouse, client);
  const page = await browser.open(url);
  return { status: page.status, text: page.html.textContent };
}

describe("R8 a metadata document as a client", () => {
  test("R8 the whole flow works, and the consent page names the host that vouches for the client", async () => {
    const client = publish();
    const page = await meet(client);
    expect(page.status).toBe(200);
    expect(page.text).toContain(new URL(client.client_id).host);
    const tokens = await grantTokens(gatehouse, browser, client);
    expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
  });

  test("R8 the document is fetched only for a signed-in person, and never at the token endpoint", async () => {
    const client = publish();
    const { url } = await authorizationRequest(gatehouse, client);
    const stranger = createHeadlessBrowser();
    expect((await stranger.open(url)).url.pathname).toBe("/login");
    expect((await refresh(gatehouse, client, "gthr_junk")).status).toBe(401);
    expect(internet.asked(client.client_id)).toBe(0);
  });

  test.each([
    ["another client_id", { client_id: "https://other.example/client.json" }],
    ["no name", { client_name: "" }],
    ["no redirect URIs", { redirect_uris: [] }],
    ["a redirect URI over http", { redirect_uris: ["http://app.example/cb"] }],
    ["a secret", { client_secret: "hush" }],
    ["client_secret_basic", { token_endpoint_auth_method: "client_secret_basic" }],
    ["client_secret_post", { token_endpoint_auth_method: "client_secret_post" }],
    ["private_key_jwt without keys", { token_endpoint_auth_method: "private_key_jwt" }],
    ["keys over http", { token_endpoint_auth_method: "private_key_jwt", jwks_uri: "http://a.example/keys" }],
  ])("R8 a document with %s is refused", async (_, document) => {
    const client = publish();
    internet.serve(client.client_id, { ...client, ...document });
    expect((await meet(client)).status).toBe(400);
  });

  test("R3 an empty member of a document counts as absent, and a redirect URI that can't be registered is dropped", async () => {
    const client = publish({
      token_endpoint_auth_method: "",
      jwks: {},
      jwks_uri: "",
      client_secret: null,
      grant_types: [],
      redirect_uris: ["unlisted://app/cb", "http://127.0.0.1/cb"],
    });
    const redirect_uri = "http://127.0.0.1:5000/cb";
    const tokens = await grantTokens(gatehouse, browser, client, { redirect_uri });
    expect((await refresh(gatehouse, client, tokens.refresh_token)).status).toBe(200);
    expect((await meet(client)).status).toBe(400);
  });

  test.each([
    ["a redirect", () => new Response(null, { status: 302, headers: { Location: "https://app.example/other" } })],
    ["another status than 200", () => Response.json({}, { status: 201 })],
    ["not JSON", () => new Response("{}", { headers: { "Content-Type": "text/html" } })],
    ["broken JSON", () => new Response("{", { headers: { "Content-Type": "application/json" } })],
    ["an endless body", () => new Response(endless(), { headers: { "Content-Type": "application/json" } })],
    ["an error", () => new Response("", { status: 500 })],
  ])(
    "R8 a host that answers with %s gives no client, and the page distinguishes that from an unknown client",
    async (_, answer) => {
      const client = publish();
      internet.serve(client.client_id, answer);
      const page = await meet(client);
      expect(page.status).toBe(503);
      expect(page.text).toContain("describes itself at");
    },
  );

  test.each([
    [5 * 1024, 200],
    [5 * 1024 + 1, 503],
  ])("R8 a sound document of %i bytes is answered with %i", async (bytes, status) => {
    const client = publish();
    const padding = "x".repeat(bytes - JSON.stringify({ ...client, padding: "" }).length);
    internet.serve(client.client_id, { ...client, padding });
    expect((await meet(client)).status).toBe(status);
  });

  test("R8 a host that takes too long gives no client", async () => {
    const client = publish();
    internet.serve(client.client_id, async () => {
      await sleep(2 * DOCUMENT_LIMITS.timeoutMs);
      return Response.json(client);
    });
    const started = Date.now();
    expect((await meet(client)).status).toBe(503);
    expect(Date.now() - started).toBeLessThan(2 * DOCUMENT_LIMITS.timeoutMs);
  });

  test.each([
    "https://app.example",
    "https://app.example/",
    "https://app.example/a/../b",
    "https://app.example/a#b",
    "https://user@app.example/a",
    "https://app.example:8443/a",
    "https://APP.example/a",
    "https://127.0.0.1/a",
    "https://[::1]/a",
    "https://2130706433/a",
    "https://localhost/a",
    "https://intranet/a",
    "https://printer.local/a",
    "https://metadata.internal/a",
    "https://a.localhost/a",
    "https://app.example./a",
  ])("R8 %s is not fetched", async (clientId) => {
    const page = await meet({ client_id: clientId, redirect_uris: ["https://app.example/cb"] });
    expect(page.status).toBe(400);
    expect(internet.asked(clientId)).toBe(0);
  });

  test("R8 a client id with http is an unknown client, and no document", async () => {
    expect((await meet({ client_id: "http://app.example/a", redirect_uris: ["https://app.example/cb"] })).status).toBe(
      400,
    );
  });
});

describe("R8 how long a document is kept", () => {
  test.each([
    ["nothing", {}, 5 * 60],
    ["no-store", { "Cache-Control": "no-store, max-age=9999" }, 5 * 60],
    ["max-age=60", { "Cache-Control": "max-age=60" }, 5 * 60],
    ["max-age=3600", { "Cache-Control": "public, max-age=3600" }, HOUR],
    ["max-age=3600 and an age of 600", { "Cache-Control": "max-age=3600", Age: "600" }, HOUR - 600],
    ["max-age of a year", { "Cache-Control": "max-age=31536000" }, DAY],
  ])("R8 the caching header of a document is obeyed within bounds: %s", async (_, headers, seconds) => {
    const client = publish({}, headers);
    await meet(client);
    await gatehouse.moveClock(seconds - 5);
    await meet(client);
    expect(internet.asked(client.client_id)).toBe(1);
    await gatehouse.moveClock(seconds + 5);
    await meet(client);
    expect(internet.asked(client.client_id)).toBe(2);
    await gatehouse.moveClock(0);
  });

  test("R8 the last good copy is used through an outage of a week, but no longer", async () => {
    const client = publish();
    await meet(client);
    internet.serve(client.client_id, () => new Response("", { status: 500 }));
    await gatehouse.moveClock(7 * DAY - HOUR);
    expect((await meet(client)).status).toBe(200);
    await gatehouse.moveClock(7 * DAY + HOUR);
    expect((await meet(client)).status).toBe(503);
    await gatehouse.moveClock(0);
  });

  test.each([404, 410])("R8 a host that answers %d is believed at once", async (status) => {
    const client = publish();
    await meet(client);
    internet.serve(client.client_id, () => new Response("", { status }));
    await gatehouse.moveClock(10 * 60);
    expect((await meet(client)).status).toBe(400);
    await gatehouse.moveClock(0);
  });

  test("R8 an error isn't cached", async () => {
    const client = publish();
    internet.serve(client.client_id, () => new Response("", { status: 404 }));
    expect((await meet(client)).status).toBe(400);
    internet.serve(client.client_id, client);
    expect((await meet(client)).status).toBe(200);
  });

  test("R8 many requests at once cost one fetch", async () => {
    const client = publish();
    internet.serve(client.client_id, async () => {
      await sleep(300);
      return Response.json(client);
    });
    const pages = await Promise.all(Array.from({ length: 10 }, () => meet(client)));
    expect(pages.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(internet.asked(client.client_id)).toBe(1);
  });

  test.each([
    ["redirect URIs", { redirect_uris: ["https://app.example/cb", "https://evil.example/cb"] }],
    ["grants", { grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"] }],
    ["page about the client", { client_uri: "https://somebody.example" }],
  ])("R7 a document that changes its %s loses the owner's approval", async (_, change) => {
    const client = publish();
    await meet(client);
    await setClientStatus(gatehouse.owner, client.client_id, "approve");
    expect((await meet(client)).text).toContain("approved by the people");
    internet.serve(client.client_id, { ...client, ...change });
    await gatehouse.moveClock(10 * 60);
    expect((await meet(client)).text).not.toContain("approved by the people");
    await gatehouse.moveClock(0);
  });
});

function endless(): ReadableStream {
  const chunk = new TextEncoder().encode(" ".repeat(1024));
  return new ReadableStream({
    pull: async (controller) => {
      await sleep(1);
      controller.enqueue(chunk);
    },
  });
}
