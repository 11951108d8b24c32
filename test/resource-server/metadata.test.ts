import * as oauth from "oauth4webapi";
import { afterAll, describe, expect, test } from "vitest";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { ADAPTERS, startAdapter } from "../support/protected-server.ts";

const access = defineAccess({
  scopes: { "notes:read": "Read the notes", "notes:write": { description: "Write notes", default: false } },
});
const options = {
  resource: "https://notes.example/team/mcp",
  issuer: "https://auth.example",
  credential: { id: "id", secret: "secret" },
  name: "Notes",
  access,
};
const PATH = "/.well-known/oauth-protected-resource";

describe.each(ADAPTERS)("%s", (adapter) => {
  const started = startAdapter(adapter, options);
  afterAll(async () => (await started).stop());

  test.each([`${PATH}/team/mcp`, PATH, `${PATH}/`])(
    "K2 %s answers with the whole document and the default scopes, byte for byte",
    async (path) => {
      const response = await (await started).send(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toMatch(/^application\/json(;|$)/);
      expect(response.headers.get("Access-Control-Allow-Origin")).toBe("*");
      expect(await response.text()).toBe(
        '{"resource":"https://notes.example/team/mcp","authorization_servers":["https://auth.example"],' +
          '"scopes_supported":["notes:read"],"bearer_methods_supported":["header"],' +
          '"dpop_signing_alg_values_supported":["ES256","EdDSA","Ed25519","PS256","RS256"],"resource_name":"Notes"}',
      );
    },
  );

  test("K2 other paths don't get the document, and other methods are 405", async () => {
    const { send } = await started;
    expect((await send(`${PATH}/team`)).status).not.toBe(200);
    expect((await send(`${PATH}/team/mcp/x`)).status).not.toBe(200);
    const head = await send(PATH, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await send(PATH, { method: "POST", body: "{}" });
    expect([post.status, post.headers.get("Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    const preflight = await send(PATH, {
      method: "OPTIONS",
      headers: {
        Origin: "https://inspector.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "mcp-protocol-version",
      },
    });
    expect([preflight.status, preflight.headers.get("Access-Control-Allow-Headers")]).toEqual([
      204,
      "mcp-protocol-version",
    ]);
  });
});

test("K2 a resource at the root of its origin has a single well-known URL", async () => {
  const { send } = await startAdapter("fetch", { ...options, resource: "https://alone.example" });
  expect(await (await send(PATH)).json()).toMatchObject({ resource: "https://alone.example" });
  const challenge = (await send("/")).headers.get("WWW-Authenticate");
  expect(challenge).toContain('resource_metadata="https://alone.example/.well-known/oauth-protected-resource"');
});

test("K2 each of two resources on one origin has its own document, and the root's URL gives that of the root", async () => {
  const path = resourceServer({ ...options, resource: "https://two.example/mcp" });
  const root = resourceServer({ ...options, resource: "https://two.example/" });
  const ask = async (url: string) => {
    const request = new Request(url);
    const answer = (await path.metadataResponse(request)) ?? (await root.metadataResponse(request));
    return answer ? ((await answer.json()) as { resource: string }).resource : null;
  };
  expect(await ask(`https://two.example${PATH}`)).toBe("https://two.example/");
  expect(await ask(`https://two.example${PATH}/mcp`)).toBe("https://two.example/mcp");
});

test("K2 oauth4webapi finds and accepts the document", async () => {
  const { send } = await startAdapter("fetch", options);
  const resource = new URL(options.resource);
  const response = await oauth.resourceDiscoveryRequest(resource, {
    [oauth.customFetch]: (url, init) => send(new URL(url).pathname, init as never),
  });
  expect(await oauth.processResourceDiscoveryResponse(resource, response)).toMatchObject({
    resource: options.resource,
    authorization_servers: ["https://auth.example"],
  });
});

test("K2 offline_access is never among the scopes of the document", () => {
  expect(() => defineAccess({ scopes: { a: "A", offline_access: "Stay" } })).toThrow("offline_access");
});
