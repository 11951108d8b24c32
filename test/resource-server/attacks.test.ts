import { createMcpHandler } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { canonicalResource } from "../../src/oauth/resource.ts";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import { authOf, protectTools } from "../../src/resource-server/mcp.ts";
import { type ResourceServer, resourceServer } from "../../src/resource-server/resource-server.ts";
import { grantTokens } from "../support/oauth-client.ts";
import { bearer, protectedOptions } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const access = defineAccess({
  scopes: { "notes:read": "Read the notes", "notes:delete": { description: "Delete notes", default: false } },
  tools: { read_note: { scopes: ["notes:read"] }, delete_note: { scopes: ["notes:delete"] } },
});

const { gatehouse, person, client } = await ownScene();
const uri = "https://notes.example/mcp";
const options = await protectedOptions(gatehouse, uri, access);
const grant = async (who: { readonly email: string }, scope: string) => {
  const browser = await gatehouse.signedInBrowser(who);
  return (await grantTokens(gatehouse, browser, client, { resource: uri, scope })).access_token;
};

/** The tools that ran, and for whom. */
const ran: string[] = [];
beforeEach(() => {
  ran.length = 0;
});

function serve(server: ResourceServer) {
  const tool = (name: string) => (context: Parameters<typeof authOf>[0]) => {
    ran.push(`${name} for ${authOf(context).subject}`);
    return { content: [] };
  };
  const mcp = createMcpHandler(
    protectTools(server, {
      server: { name: "notes", version: "1" },
      register: (registry) => {
        for (const name of ["read_note", "delete_note"]) {
          registry.registerTool(name, { inputSchema: z.object({}) }, (_, context) => tool(name)(context));
        }
      },
    }),
  );
  return server.protect((request, auth: Auth) => mcp.fetch(request, { authInfo: auth }));
}

const handle = serve(resourceServer(options));
const post = async (token: string, body: string, headers: Record<string, string> = {}) => {
  const request = new Request(uri, {
    method: "POST",
    headers: {
      ...{ "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      ...bearer(token),
      ...headers,
    },
    body,
  });
  const response = await handle(request);
  return { status: response.status, text: await response.text() };
};

const call = (id: number, tool: string) =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{}}}`;

describe("a token can't do anything that its scopes don't allow", async () => {
  const token = await grant(person, "notes:read");
  const denied = {
    "in a batch after an allowed call": `[${call(1, "read_note")},${call(2, "delete_note")}]`,
    "in a batch before an allowed call": `[${call(1, "delete_note")},${call(2, "read_note")}]`,
    "in a batch with the same id": `[${call(1, "read_note")},${call(1, "delete_note")}]`,
    "in a batch alone": `[${call(1, "delete_note")}]`,
    "with the name twice": call(1, "delete_note").replace('"name"', '"name":"read_note","name"'),
    "with the parameters twice": call(1, "delete_note").replace('"params"', '"params":{"name":"read_note"},"params"'),
    "with the method twice": call(1, "delete_note").replace('"method"', '"method":"ping","method"'),
    "with an escape in the name": call(1, "delete_note").replace("delete", "\\u0064elete"),
    "as a notification": call(1, "delete_note").replace('"id":1,', ""),
    "with a prototype in the way": call(1, "delete_note").replace(
      '"arguments"',
      '"__proto__":{"name":"read_note"},"arguments"',
    ),
  };

  test.each(Object.entries(denied))("K1 a forbidden call doesn't run %s", async (_, body) => {
    const { status } = await post(token, body);
    expect(status).toBeLessThan(500);
    expect(ran.filter((name) => name.startsWith("delete"))).toEqual([]);
  });

  test.each([
    ["Mcp-Name", "read_note"],
    ["Mcp-Method", "ping"],
    ["X-HTTP-Method-Override", "GET"],
  ])("K1 a forbidden call doesn't run, whatever the header %s says", async (name, value) => {
    const { status } = await post(token, call(1, "delete_note"), { [name]: value });
    expect(status).toBeLessThan(500);
    expect(ran).toEqual([]);
  });

  test("K1 a token with the scope can make all of the calls above", async () => {
    const all = await grant(person, "notes:read notes:delete");
    expect((await post(all, call(1, "delete_note"))).status).toBe(200);
    await post(all, `[${call(1, "read_note")},${call(2, "delete_note")}]`);
    expect(ran).toEqual([
      ...[`delete_note for ${person.id}`, `read_note for ${person.id}`],
      `delete_note for ${person.id}`,
    ]);
  });
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", ""])(
  "K1 no tool has the name %j, which JavaScript gives every object",
  async (name) => {
    const { status } = await post(await grant(person, "notes:read"), call(1, name));
    expect(status).toBeLessThan(500);
    expect(ran).toEqual([]);
  },
);

test("K3 the caller is known by the token of each request, and never by the session's id", async () => {
  const other = await gatehouse.addPerson();
  const session = { "Mcp-Session-Id": "session-of-ada" };
  await post(await grant(person, "notes:read"), call(1, "read_note"), session);
  await post(await grant(other, "notes:read"), call(2, "read_note"), session);
  expect(ran).toEqual([`read_note for ${person.id}`, `read_note for ${other.id}`]);
  expect((await post("junk", call(3, "read_note"), session)).status).toBe(401);
});

test("K3 server and middleware normalize a resource's URI in the same way", () => {
  const part = fc.constantFrom(
    "",
    "/",
    "//",
    "/mcp",
    "/MCP",
    "/a/../mcp",
    "/%6dcp",
    "/mcp/",
    "/mcp//",
    "/\u00e9",
    "/ ",
  );
  const origin = fc.constantFrom(
    ...[
      "https://attacked.example",
      "HTTPS://Attacked.Example",
      "https://attacked.example:443",
      "http://attacked.example:443",
    ],
    ...["https://b\u00fccher.example", "https://ada@notes.example", "https://notes.example.", "ftp://notes.example"],
  );
  fc.assert(
    fc.property(origin, part, part, (start, first, second) => {
      const resource = start + first + second;
      const start_ = () => resourceServer({ ...options, resource }).settings.canonical;
      const canonical = canonicalResource(resource);
      if (canonical === null) expect(start_).toThrow("resource");
      else expect(start_()).toBe(canonical);
    }),
  );
});
