import { expect, test } from "vitest";
import { operatorOf } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantTokens, isActive, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();

const run = operatorOf(gatehouse);

async function connect() {
  const person = await gatehouse.addPerson();
  const app = await registerClient(gatehouse);
  const tokens = await grantTokens(gatehouse, await gatehouse.signedInBrowser(person), app);
  return { person, app, tokens };
}

test("People: deleting a person announces what will be deleted, asks, and leaves nothing but the log", async () => {
  const { person, tokens } = await connect();
  const asked = await run("user", "delete", person.email);
  expect(asked).toMatchObject({ code: 1, stdout: "" });
  expect(asked.stderr).toMatch(/deletes .* with 1 connections \(1 live\), 0 linked accounts.*Add --yes to confirm\./);
  expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  expect((await run("user", "delete", person.email, "--yes", "--json")).stdout).toBe('{"done":true}\n');
  expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
  expect((await run("user", "export", person.email)).stderr).toBe("There is no such person.\n");
  expect((await run("user", "delete", person.email, "--yes")).stderr).toBe("There is no such person.\n");
});

test("Clients: deleting an app announces what will be deleted, and asks", async () => {
  const { app, tokens } = await connect();
  expect((await run("client", "delete", app.client_id)).stderr).toBe(
    "This deletes Test client and 1 live connections. Add --yes to confirm.\n",
  );
  expect(await isActive(gatehouse, tokens.access_token)).toBe(true);
  expect((await run("client", "delete", app.client_id, "--yes")).code).toBe(0);
  expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
});

test("People: a connection is ended by its id, once", async () => {
  const { person, tokens } = await connect();
  const { connections } = JSON.parse((await run("connection", "list", "--user", person.email, "--json")).stdout);
  expect((await run("connection", "revoke", connections[0].id)).stdout).toContain("Revoked");
  expect(await isActive(gatehouse, tokens.access_token)).toBe(false);
  for (const id of [connections[0].id, "nothing"])
    expect((await run("connection", "revoke", id)).stderr).toBe("There is no such connection, or it has ended.\n");
  expect((await run("connection", "list", "--user", person.email)).stdout).toBe("Nothing is connected.\n");
});

test("an export is one JSON object, indented for people and on one line with --json", async () => {
  const { person } = await connect();
  const [text, json] = await Promise.all([
    run("user", "export", person.email),
    run("user", "export", person.email, "--json"),
  ]);
  expect(JSON.parse(text.stdout)).toEqual(JSON.parse(json.stdout));
  expect(json.stdout.trim().split("\n")).toHaveLength(1);
});

test("the help has examples and explains the exit codes, and an unknown command fails", async () => {
  const [all, user, wrong] = await Promise.all([run("--help"), run("user", "--help"), run("usre", "list")]);
  expect(all.stdout).toContain("The exit code is 0");
  expect(user.stdout).toContain("npm run cli -- user invite guest@example.com");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain("Did you mean user?");
});
