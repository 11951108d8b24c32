import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, expect, test, vi } from "vitest";
import { authorize } from "../../src/dev/person.ts";
import { findFreePort } from "../../src/dev/ports.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { setClientStatus } from "../../src/flows/admin/status.ts";
import { startBrowserStandIn } from "../support/opened-urls.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, issuer, person, browser } = await ownScene({ example: true });
const standIn = await startBrowserStandIn(async (url) => {
  const answer = await authorize(browser, url, person);
  // It listens for the answer only once the browser is open. A person is slower than this test.
  await vi.waitFor(() => fetch(answer), { timeout: 10_000 });
});
const folder = await mkdtemp(join(tmpdir(), "mcp-remote-"));
const port = await findFreePort();
afterAll(async () => {
  await standIn.stop();
  await rm(folder, { recursive: true });
});

/** Starts mcp-remote as a host of local servers does, calls tools through it, and ends it. */
async function withProxy<T>(work: (call: (tool: string, args: object) => Promise<string>) => Promise<T>): Promise<T> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [projectFile("node_modules/mcp-remote/dist/proxy.js"), gatehouse.resource.uri, String(port)],
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, ...standIn.env },
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk) => {
    said += chunk;
  });
  const client = new Client({ name: "host", version: "1.0.0" });
  try {
    await client.connect(transport);
    return await work(async (tool, args) => {
      const { content } = await client.callTool({ name: tool, arguments: { ...args } });
      return content[0]?.type === "text" ? content[0].text : "";
    });
  } catch (error) {
    throw new Error(`${error}\n${said}`);
  } finally {
    await client.close();
  }
}

/** A file that it stores, by the end of its name. */
async function stored<T>(end: string): Promise<{ readonly path: string; readonly json: T }> {
  const names = await readdir(folder, { recursive: true });
  const path = join(folder, names.find((name) => name.endsWith(end)) ?? end);
  return { path, json: JSON.parse(await readFile(path, "utf8")) as T };
}

type StoredTokens = { readonly access_token: string; readonly refresh_token: string; readonly scope: string };

async function spoilAccessToken(): Promise<void> {
  const { path, json } = await stored<StoredTokens>("tokens.json");
  await writeFile(path, JSON.stringify({ ...json, access_token: "gtha_over" }));
}

async function narrow(scope: readonly string[]): Promise<void> {
  const account = await browser.open(`${issuer}/account`);
  const path = new URL(account.html.querySelector(".cards h3 a")?.getAttribute("href") ?? "").pathname;
  await browser.submit(await browser.open(issuer + path), `${path}/narrow`, { scope });
}

test("mcp-remote connects, calls a tool, steps up, refreshes after narrowing, restarts, and registers again after its deletion", async () => {
  await withProxy(async (call) => {
    expect(await call("get_weather", { city: "Lisbon" })).toContain("°C");
    expect(standIn.opened).toHaveLength(1);
    expect(await call("report_weather", { city: "Oslo", sky: "rain" })).toContain(person.email);
  });
  const asked = standIn.opened.length;

  // Restarted, it continues with what it has stored. Narrowed, it continues with what is left.
  await narrow(["weather:read"]);
  await spoilAccessToken();
  await withProxy(async (call) => expect(await call("get_weather", { city: "Lisbon" })).toContain("°C"));
  expect((await stored<StoredTokens>("tokens.json")).json.scope).toBe("weather:read");
  expect(standIn.opened).toHaveLength(asked);

  const { client_id } = (await stored<{ client_id: string }>("client_info.json")).json;
  await setClientStatus(gatehouse.owner, client_id, "delete");
  await withProxy(async (call) => expect(await call("get_weather", { city: "Lisbon" })).toContain("°C"));
  expect(standIn.opened).toHaveLength(asked + 1);
  expect((await stored<{ client_id: string }>("client_info.json")).json.client_id).not.toBe(client_id);
});
