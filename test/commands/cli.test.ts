import { expect, inject, test } from "vitest";
import { operatorOf, runCommand } from "../support/cli.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, person, client } = await ownScene();

const run = operatorOf(gatehouse);

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
  [["user", "list", "--search", "nobody-like-this"], ["There are no people."]],
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
    "Write a scope as NAME=SENTENCE. People read the sentence.",
  ],
] as const)("%j explains in one sentence what is wrong, and fails", async (args, sentence) => {
  expect(await run(...args)).toMatchObject({ code: 1, stdout: "", stderr: `${sentence}\n` });
});

test("the operator shows an app, lists connections, changes roles, and exports a person's data", async () => {
  expect((await run("client", "show", client.client_id)).stdout).toContain("Test client");
  expect((await run("connection", "list")).stdout).toBe("Nothing is connected.\n");
  const other = await gatehouse.addPerson();
  expect(await run("user", "role", other.email, "owner")).toMatchObject({
    code: 0,
    stdout: "They are now an owner.\n",
  });
  expect((await run("user", "role", other.email, "member")).stderr).toBe(
    "There is no such person, or they are the last owner.\n",
  );
  expect((await run("user", "role", other.email, "king")).stderr).toBe("The role must be owner or member.\n");
  const { stdout } = await run("user", "export", other.email);
  expect(JSON.parse(stdout)).toMatchObject({
    account: { email: other.email, role: "owner", hasPassword: true },
    connections: [],
    events: [{ name: "user_created" }, { name: "role_changed" }],
  });
  expect(stdout).not.toContain("$scrypt$");
});

test("a command that can't be undone asks first, or needs --yes where it can't ask", async () => {
  expect(await run("revoke", "--all")).toMatchObject({
    code: 1,
    stderr: "This ends every connection (0 now) and signs everybody out, including you. Add --yes to confirm.\n",
  });
  expect((await run("revoke", "--all", "--yes")).stdout).toBe(
    "Revoked 0 connections. Their tokens are refused from now on.\n",
  );
  expect((await run("resource", "delete", gatehouse.resource.uri)).stderr).toContain("Add --yes to confirm.");
  expect((await run("resource", "delete", gatehouse.resource.uri, "--yes")).code).toBe(0);
  expect((await run("resource", "list")).stdout).toBe("No MCP server is protected yet.\n");
  expect(
    (await run("open-login", "--issuer", gatehouse.issuer, "--resource", "http://localhost:9/mcp")).stderr,
  ).toContain("has no resource metadata (RFC 9728)");
});

/** Runs `migrate` with a DATABASE_URL. Returns its output. */
async function migrateAt(databaseUrl: string): Promise<string> {
  const failure = await runCommand(["migrate"], { DATABASE_URL: databaseUrl });
  expect(failure.code).toBe(1);
  expect(failure.stderr).not.toContain("a-password");
  return failure.stderr;
}

test.each([
  ["mysql://user:a-password@host/db", "DATABASE_URL begins with mysql://. Gatehouse needs a Postgres database at Neon"],
  ["not a url", "DATABASE_URL is not a URL like postgres://"],
  ["postgres://host/", "DATABASE_URL lacks the user and the password and the database"],
  ["postgres://user:a-password@no-such-host.invalid/db", "There is no host no-such-host.invalid"],
])("migrate explains what is wrong with %s", async (url, sentence) => {
  expect(await migrateAt(url)).toContain(sentence);
});

test("migrate distinguishes a plain Postgres, a wrong password and a wrong database", async () => {
  const { port } = inject("postgres");
  expect(await migrateAt(`postgres://user:a-password@127.0.0.1:${port}/db`)).toContain(
    "127.0.0.1 is a plain Postgres server. Gatehouse uses Neon's HTTP protocol",
  );
  const url = new URL(gatehouse.services.databaseUrl);
  url.password = "a-password";
  expect(await migrateAt(url.href)).toContain("refused the user");
});
