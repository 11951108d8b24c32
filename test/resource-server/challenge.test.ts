import { request as httpRequest } from "node:http";
import * as oauth from "oauth4webapi";
import { afterAll, describe, expect, test } from "vitest";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import { anyOf } from "../../src/resource-server/scope-requirement.ts";
import { grantTokens } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const access = defineAccess({
  scopes: {
    "notes:read": "Read the notes",
    "notes:write": { description: "Write notes", implies: ["notes:read"], default: false },
    "notes:delete": { description: "Delete notes", default: false },
  },
});
const uri = "https://notes.example/team/mcp";
const options = await protectedOptions(gatehouse, uri, access);
const metadata = 'resource_metadata="https://notes.example/.well-known/oauth-protected-resource/team/mcp"';
const tokenWith = async (scope: string) =>
  (await grantTokens(gatehouse, browser, client, { resource: uri, scope })).access_token;

const bad = "The access token is expired, revoked, malformed or not for this server.";

describe.each(ADAPTERS)("%s", (adapter) => {
  const started = startAdapter(adapter, { ...options, address: () => null }, ["notes:write"]);
  afterAll(async () => (await started).stop());
  const refused = async (headers: Record<string, string>, path = "/mcp") => {
    const response = await (await started).send(path, { method: "POST", headers });
    const { error } = (await response.json()) as { error: string };
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    return [response.status, error, response.headers.get("WWW-Authenticate")];
  };

  test("K1 a request without credentials gets a bare challenge that names scopes and metadata (RFC 6750 §3.1, RFC 9728 §5.1)", async () => {
    const bare = [401, "unauthorized", `Bearer scope="notes:write", ${metadata}`];
    expect(await refused({})).toEqual(bare);
    expect(await refused({ Authorization: "Basic YTpi" })).toEqual(bare);
    expect(await refused({ Authorization: "Bearerish x" })).toEqual(bare);
  });

  test.each([
    ["junk", "Bearer junk"],
    ["no token", "Bearer"],
    ["a token with a space in it", "Bearer a b"],
    ["a character that tokens don't have", "Bearer gtha_\u00e4"],
    ["more than four kibibytes", `Bearer ${"a".repeat(4097)}`],
    ["another spelling of the scheme", "bEaReR junk"],
  ])("K1 a bad token is 401 invalid_token: %s", async (_, Authorization) => {
    const challenge = `Bearer error="invalid_token", error_description="${bad}", scope="notes:write", ${metadata}`;
    expect(await refused({ Authorization })).toEqual([401, "invalid_token", challenge]);
  });

  test("K1 too little scope is 403 insufficient_scope, and the challenge names exactly the scopes that the operation needs", async () => {
    const description = "This needs a permission that was not granted.";
    const challenge = `Bearer error="insufficient_scope", error_description="${description}", scope="notes:write", ${metadata}`;
    expect(await refused(bearer(await tokenWith("notes:read notes:delete")))).toEqual([
      403,
      "insufficient_scope",
      challenge,
    ]);
  });

  test("K1 credentials sent in two ways are 400 invalid_request, and a token in the query alone is not read (K3)", async () => {
    const token = await tokenWith("notes:write");
    const description = "Credentials were sent in more than one way.";
    const challenge = `Bearer error="invalid_request", error_description="${description}", scope="notes:write", ${metadata}`;
    expect(await refused(bearer(token), `/mcp?access_token=${token}`)).toEqual([400, "invalid_request", challenge]);
    expect(await refused({ Authorization: `Bearer ${token}, Bearer ${token}` })).toEqual([
      400,
      "invalid_request",
      challenge,
    ]);
    expect((await refused({}, `/mcp?access_token=${token}`))[0]).toBe(401);
  });

  test.each([
    ["Bearer a", "Bearer b"],
    ["Bearer a", "Basic YTpi"],
    ["Basic YTpi", "Bearer a"],
    ["Bearer a", ""],
    ["Bearer", "Bearer a"],
  ])("K1 two Authorization headers are 400: %s and %s", async (first, second) => {
    const headers = new Headers([
      ["Authorization", first],
      ["Authorization", second],
    ]);
    expect((await (await started).send("/mcp", { method: "POST", headers })).status).toBe(400);
  });

  test("K1 a token with a scope passes where a scope that it implies is needed", async () => {
    const { send } = await started;
    const response = await send("/mcp", { method: "POST", headers: bearer(await tokenWith("notes:write")) });
    expect(response.status).toBe(200);
    const { auth } = (await response.json()) as { auth: Record<string, unknown> };
    expect(auth).toMatchObject({ clientId: client.client_id, scopes: ["notes:write", "notes:read"] });
  });
});

test("K1 in Express too, a second Authorization header is seen, although Node drops it", async () => {
  const { send, stop } = await startAdapter("Express", options, ["notes:write"]);
  const { port } = new URL((await send("/mcp")).url);
  const statusWith = (...authorization: string[]) =>
    new Promise<number | undefined>((resolve, reject) => {
      const headers = ["Host", "notes.example", ...authorization.flatMap((value) => ["Authorization", value])];
      httpRequest({ port, host: "127.0.0.1", path: "/mcp", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  const good = `Bearer ${await tokenWith("notes:write")}`;
  expect(await statusWith(good)).toBe(200);
  for (const other of ["Bearer junk", good, "Basic YTpi", "Bearer"]) {
    expect([other, await statusWith(good, other), await statusWith(other, good)]).toEqual([other, 400, 400]);
  }
  await stop();
});

describe("scopes that routes require", () => {
  const status = async (required: Parameters<typeof startAdapter>[2], scope: string) => {
    const { send } = await startAdapter("Hono", options, required);
    const response = await send("/mcp", { headers: bearer(await tokenWith(scope)) });
    return [response.status, /scope="([^"]*)"/.exec(response.headers.get("WWW-Authenticate") ?? "")?.[1]];
  };

  test("K1 if a route requires all of several scopes, the challenge names them all", async () => {
    const required = ["notes:read", "notes:delete"];
    expect(await status(required, "notes:read")).toEqual([403, "notes:read notes:delete"]);
    expect(await status(required, "notes:read notes:delete")).toEqual([200, undefined]);
    expect(await status(required, "notes:write notes:delete")).toEqual([200, undefined]);
  });

  test("K1 if a route requires any of several scopes, one is enough, and the challenge names the first", async () => {
    const required = [anyOf("notes:delete", "notes:write")];
    expect(await status(required, "notes:read")).toEqual([403, "notes:delete"]);
    expect(await status(required, "notes:write")).toEqual([200, undefined]);
    expect(await status(required, "notes:delete")).toEqual([200, undefined]);
  });

  test("K1 if a route requires no scope, every good token passes, and the challenge names the default scopes", async () => {
    expect(await status([], "notes:delete")).toEqual([200, undefined]);
    const { send } = await startAdapter("fetch", options);
    const response = await send("/mcp");
    expect(response.headers.get("WWW-Authenticate")).toBe(`Bearer scope="notes:read", ${metadata}`);
  });
});

test("K1 oauth4webapi parses the challenges and finds the same in them", async () => {
  const { send } = await startAdapter("fetch", options, ["notes:write", "notes:delete"]);
  const call = oauth.protectedResourceRequest("junk", "POST", new URL(uri), new Headers(), null, {
    [oauth.customFetch]: (url, init) => send(new URL(url).pathname, init as never),
  });
  await expect(call).rejects.toMatchObject({
    cause: [
      {
        scheme: "bearer",
        parameters: {
          error: "invalid_token",
          scope: "notes:write notes:delete",
          resource_metadata: "https://notes.example/.well-known/oauth-protected-resource/team/mcp",
        },
      },
    ],
  });
});
