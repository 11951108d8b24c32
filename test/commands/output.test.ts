import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { setRole } from "../../src/flows/admin/person.ts";
import { operatorOf } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const run = operatorOf(gatehouse);

test("owner list lists only owners, and says so if there is none", async () => {
  const person = await gatehouse.addPerson();
  expect((await run("owner", "list")).stdout).toBe("There are no owners.\n");
  expect(await setRole(gatehouse.owner, person.email, "owner")).toEqual({ done: true });
  await gatehouse.addPerson();
  const { users, next } = JSON.parse((await run("owner", "list", "--json")).stdout);
  expect(users).toMatchObject([{ email: person.email, role: "owner" }]);
  expect(next).toBeNull();
});

test("group list lists all groups, however many there are", async () => {
  await gatehouse.owner.db.run(
    sql`insert into groups (name) select 'Group ' || lpad(n::text, 3, '0') from generate_series(1, 230) n`,
  );
  const { groups } = JSON.parse((await run("group", "list", "--json")).stdout);
  expect(groups).toHaveLength(230);
  expect((await run("group", "list")).stdout).toContain("Group 230");
});

test("resource show lists a server's scopes, and no credential", async () => {
  const { uri, secret } = gatehouse.resource;
  const [text, json, none] = await Promise.all([
    run("resource", "show", uri),
    run("resource", "show", uri, "--json"),
    run("resource", "show", "https://nobody.example/mcp"),
  ]);
  const shown = JSON.parse(json.stdout);
  expect(shown.uri).toBe(uri);
  for (const { name, description } of shown.scopes) expect(text.stdout).toMatch(new RegExp(`${name} +${description}`));
  expect(text.stdout + json.stdout).not.toContain(secret);
  expect(none).toMatchObject({ code: 1, stdout: "", stderr: "There is no such MCP server.\n" });
});

test.each([
  [["resource", "show", "https://nobody.example/mcp"], { message: "There is no such MCP server." }],
  [["user", "delete", "nobody@example.com", "--yes"], { message: "There is no such person." }],
  [["resource", "show"], { code: "usage", message: "missing required argument 'uri'" }],
  [["user", "list", "--nonsense"], { code: "usage", message: "unknown option '--nonsense'" }],
])("with --json, the failure of %j is one object on standard error", async (args, error) => {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stdout, error: JSON.parse(stderr) }).toEqual({ code: 1, stdout: "", error: { error } });
});
