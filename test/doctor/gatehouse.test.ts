import { expect, test } from "vitest";
import { examine, found, runDoctor, verdicts } from "../support/doctor.ts";
import { scene } from "../support/scene.ts";

const { gatehouse } = await scene({ example: true });

const ALL_CONNECT = {
  claude: "once deployed",
  "claude-code": "connects",
  chatgpt: "once deployed",
  codex: "connects",
  vscode: "connects",
  cursor: "connects",
  inspector: "connects",
  "mcp-remote": "connects",
};

/** What Gatehouse reveals only to people who are signed in. */
const UNTOLD = ["authorize-pkce", "authorize-plain", "authorize-implicit", "authorize-state", "authorize-iss"];

test("D1 the doctor finds nothing wrong with an MCP server that the middleware protects, and every client connects", async () => {
  const report = await examine(gatehouse.resource.uri);
  expect(found(report)).toEqual([]);
  expect(report.findings.filter(({ outcome }) => outcome === "unknown").map(({ id }) => id)).toEqual(UNTOLD);
  expect(verdicts(report)).toEqual(ALL_CONNECT);
  expect(report).toMatchObject({ kind: "MCP server", issuer: gatehouse.issuer });
});

test("D1 the doctor finds nothing wrong with Gatehouse alone", async () => {
  const report = await examine(gatehouse.issuer);
  expect(found(report)).toEqual([]);
  expect(verdicts(report)).toEqual(ALL_CONNECT);
  expect(report).toMatchObject({ kind: "authorization server", issuer: gatehouse.issuer });
});

test("D4 the command prints a report or one JSON object, deletes the apps that it registered, and exits with 0", async () => {
  const text = await runDoctor(gatehouse.resource.uri);
  expect(text).toMatchObject({ code: 0, stderr: "At most 100 requests, to localhost.\n\n" });
  expect(text.stdout).toContain("Claude Code    connects\n");
  const { stdout } = await runDoctor(gatehouse.resource.uri, "--json", "--client", "vscode");
  expect(JSON.parse(stdout)).toMatchObject({ unasked: [], registrations: { made: 5, deleted: 5 } });
});

test("D4 the doctor makes no more requests than it is allowed, and reports what it couldn't check for that reason", async () => {
  const { code, stdout } = await runDoctor(gatehouse.resource.uri, "--requests", "3", "--json");
  expect(JSON.parse(stdout).requests).toBe(3);
  expect(code).toBe(2);
});

test("D4 with --read-only the doctor registers nothing", async () => {
  const { stdout } = await runDoctor(gatehouse.resource.uri, "--read-only", "--json");
  expect(JSON.parse(stdout).registrations).toEqual({ made: 0, deleted: 0 });
});

test.each([
  ["no server.example:x", "no server.example:x is not the URL of a server.\n"],
  ["ftp://server.example", "ftp://server.example is not the URL of a server.\n"],
  ["https://me:secret@server.example", "Remove the user and password from the URL.\n"],
])("D4 %s is refused with one sentence", async (url, sentence) => {
  expect(await runDoctor(url)).toMatchObject({ code: 1, stdout: "", stderr: sentence });
});
