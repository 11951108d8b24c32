import { createServer, type IncomingMessage } from "node:http";
import { afterAll, expect, test } from "vitest";
import { stopServer } from "../../src/dev/json-server.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { createReport } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import { proberFor, runDoctor } from "../support/doctor.ts";
import { gatehouseBrowser } from "../support/doctor-browsers.ts";
import { protectedOptions } from "../support/protected-server.ts";
import { scene } from "../support/scene.ts";

const { gatehouse } = await scene({ example: true });
const person = await gatehouse.addPerson();

/** Another MCP server behind the middleware, or one that takes every token. */
async function startOther({ checks }: { readonly checks: boolean }): Promise<string> {
  const port = await findFreePort();
  const url = `http://localhost:${port}/mcp`;
  const { protect } = resourceServer(await protectedOptions(gatehouse, url));
  const answer = () => Response.json({ jsonrpc: "2.0", id: 1, result: {} });
  const guarded = protect(answer);
  const handle = (request: Request) => (!checks && request.headers.has("Authorization") ? answer() : guarded(request));
  const server = createServer(async (incoming, outgoing) => {
    const { status, headers, body } = await handle(await toRequest(incoming, url));
    outgoing.writeHead(status, Object.fromEntries(headers)).end(body ? await new Response(body).text() : undefined);
  });
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  afterAll(() => stopServer(server));
  return url;
}

async function toRequest(incoming: IncomingMessage, base: string): Promise<Request> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = method === "POST" ? { body: new Uint8Array(Buffer.concat(await incoming.toArray())) } : {};
  return new Request(new URL(url, base), { method, headers: headers as Record<string, string>, ...body });
}

async function examineBoth(target: string, other: string) {
  const browser = gatehouseBrowser(await gatehouse.signInBrowser(person), person);
  const account = { kind: "browser", email: person.email, browser } as const;
  const prober = proberFor(target, { maxRequests: 120 });
  const evidence = await walkServer(new URL(target), prober, { readOnly: false, account, other: new URL(other) });
  const answers = evidence.account?.answers;
  return {
    audience: createReport(evidence).findings.find(({ id }) => id === "account-audience"),
    statuses: ["token at other server", "other server's token there", "other server's token here"].map(
      (probe) => answers?.get(probe as never)?.status,
    ),
  };
}

test("D5 two servers behind the middleware accept their own tokens and refuse each other's", async () => {
  const { audience, statuses } = await examineBoth(gatehouse.resource.uri, await startOther({ checks: true }));
  expect(statuses).toEqual([401, 200, 401]);
  expect(audience).toMatchObject({ outcome: "pass" });
});

test.each(["as the second server", "as the first server"])(
  "D5 a server that accepts any server's token is found when it is named %s",
  async (order) => {
    const careless = await startOther({ checks: false });
    const servers = [gatehouse.resource.uri, careless] as const;
    const { audience } =
      order === "as the second server" ? await examineBoth(...servers) : await examineBoth(servers[1], servers[0]);
    expect(audience).toMatchObject({ outcome: "fail" });
    expect(audience?.seen).toContain("answers a token of another server 200");
  },
);

test("D4 a second server needs an account, and naming the server allows its host", async () => {
  const { code, stderr } = await runDoctor(gatehouse.resource.uri, "--other", "https://other.example/mcp");
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: "--other needs an account: --email or --token.\n" });
});
