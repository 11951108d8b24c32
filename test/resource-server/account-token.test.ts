import { describe, expect, test } from "vitest";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { allowProvider } from "../../src/flows/admin/providers.ts";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import type { GatehouseBinding } from "../../src/resource-server/binding.ts";
import { isAccountUnavailable, isConnectRequired } from "../../src/resource-server/index.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantLinked } from "../support/linked.ts";
import { grantTokens, postJson } from "../support/oauth-client.ts";
import { ADAPTERS, bearer, protectedOptions, startAdapter } from "../support/protected-server.ts";
import { addGitHub } from "../support/providers.ts";

const port = await findFreePort();
const configPath = projectFile("test/support/binding-probe/wrangler.toml");
const gatehouse = await startGatehouse({ beside: [{ name: "binding-probe", configPath, port, bindings: {} }] });
const github = await addGitHub(gatehouse);
const access = defineAccess({
  scopes: {
    "issues:read": { description: "Read your issues", needs: { github: ["read:issues"] } },
    "time:read": "Tell the time",
  },
});
const options = await protectedOptions(gatehouse, undefined, access);
await allowProvider(gatehouse.owner, "github", options.resource, true);
const issues = { ...options.credential, uri: options.resource };

/** The service binding of a Worker beside Gatehouse, which passes calls on. */
const overBinding = (method: keyof GatehouseBinding) => async (input: unknown) =>
  ((await (await postJson(`http://127.0.0.1:${port}/`, { method, input })).json()) as { returned: never }).returned;
const binding: GatehouseBinding = {
  introspect: overBinding("introspect"),
  accountToken: overBinding("accountToken"),
  recordToolCalls: overBinding("recordToolCalls"),
};

/** A handler that asks for an account's token, and answers with the result. */
async function answerWithToken({ accountToken }: Auth): Promise<Response> {
  try {
    return Response.json(await accountToken("github", { scopes: ["read:issues"] }));
  } catch (error) {
    if (isConnectRequired(error)) return Response.json({ connect: error.url });
    if (isAccountUnavailable(error)) return Response.json({ retryable: error.retryable });
    throw error;
  }
}

const WAYS = ADAPTERS.flatMap((adapter) => [
  [adapter, "HTTP", {}] as const,
  [adapter, "the service binding", { binding }] as const,
]);

describe.each(WAYS)("L5 %s, over %s", (adapter, _, way) => {
  const ask = async (token: string) => {
    const { send, stop } = await startAdapter(adapter, { ...options, ...way }, ["time:read"], answerWithToken);
    const response = await send("/mcp", { headers: bearer(token) });
    const answer = (await response.json()) as { token?: string; connect?: string; retryable?: boolean };
    await stop();
    return answer;
  };

  test("L5 the handler gets the token of the caller's account, or the address where the person links one, or nothing", async () => {
    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const scope = "issues:read time:read";
    const { client, tokens } = await grantLinked(gatehouse, browser, issues, { login: "adapted", scope });
    const given = await ask(tokens.access_token);
    expect(github.isLive(given.token ?? "")).toBe(true);
    expect(given).toMatchObject({ scopes: expect.arrayContaining(["read:issues"]), expiresAt: null });

    const less = await grantTokens(gatehouse, browser, client, { resource: issues.uri, scope: "time:read" });
    expect(await ask(less.access_token)).toEqual({ retryable: false });

    const linked = await browser.open(`${gatehouse.issuer}/account/linked`);
    const unlink = linked.html.querySelector("form[action$=unlink]")?.getAttribute("action") ?? "";
    await browser.submit(linked, new URL(unlink).pathname, {});
    expect(await ask(tokens.access_token)).toEqual({
      connect: expect.stringContaining(`${gatehouse.issuer}/connect/gthk_`),
    });
    gatehouse.services.neon.inject("refuse");
    const response = await ask(tokens.access_token);
    gatehouse.services.neon.reset();
    expect(response).not.toHaveProperty("token");
  });
});
