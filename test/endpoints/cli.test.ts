import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const person = await gatehouse.addPerson();
const client = await registerClient(gatehouse);

/** Runs a command as the operator does: its exit code and what it printed. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DATABASE_URL: gatehouse.services.databaseUrl };
  try {
    const command = [projectFile("src/cli/main.ts"), ...args];
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { env })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test.each([
  [
    ["user", "list"],
    [person.email, "member", "a password", "0 live"],
  ],
  [
    ["resource", "list"],
    [gatehouse.resource.uri, "default", "mcp:tools mcp:resources mcp:prompts"],
  ],
  [
    ["client", "list", "--search", client.client_id],
    [client.client_id, "Test client", "dynamic"],
  ],
  [["user", "list", "--search", "nobody-like-this"], ["There is nobody."]],
] as const)("%j prints a table, and one JSON object with --json", async (args, expected) => {
  const [table, json] = await Promise.all([run(...args), run(...args, "--json")]);
  expect([table.code, json.code]).toEqual([0, 0]);
  for (const text of expected) expect(table.stdout).toContain(text);
  expect(Object.keys(JSON.parse(json.stdout))).toEqual([`${args[0]}s`, "next"]);
});

test.each([
  [["revoke", "--user", "nobody@example.com"], "There is no such user."],
  [["revoke", "--client", "nothing"], "There is no such client."],
  [["revoke", "--resource", "https://nowhere.example"], "There is no such resource."],
  [["resource", "apply", "not-there.json"], "not-there.json can't be read."],
  [["user", "disable", "nobody@example.com"], "There is no such person."],
  [
    ["resource", "add", "https://new.example", "--scope", "a= "],
    "A scope is given as NAME=SENTENCE; people read the sentence.",
  ],
] as const)("%j says in a sentence what is wrong, and fails", async (args, sentence) => {
  expect(await run(...args)).toMatchObject({ code: 1, stdout: "", stderr: `${sentence}\n` });
});
