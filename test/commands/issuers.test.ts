import { expect, test } from "vitest";
import { runCommand } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { presentProgram, programToken, startIssuer } from "../support/issuer.ts";

const gatehouse = await startGatehouse();
const { issuer, resource, services } = gatehouse;

const run = (...args: string[]) => runCommand(args, { DATABASE_URL: services.databaseUrl, ISSUER: issuer });

test("People: issuers and the programs that they vouch for are trusted in the terminal, by presets too", {
  timeout: 120_000,
}, async () => {
  const by = await startIssuer();
  expect((await run("issuer", "list")).stdout).toContain("No issuer is trusted.");
  const keys = ["--programs", "--issuer", by.issuer];
  expect(await run("issuer", "add", "builds", ...keys)).toMatchObject({ code: 0 });
  expect((await run("issuer", "check", "builds")).stdout).toContain("✓ Its keys");
  const rule = ["--issuer", "builds", "--resource", resource.uri, "--scope", "mcp:tools"];
  const added = await run("workload", "add", "Deployment", ...rule, "--claim", "repository=acme/*", "--json");
  const { clientId, audience } = JSON.parse(added.stdout) as { clientId: string; audience: string };
  expect(audience).toBe(issuer);
  expect((await run("workload", "list")).stdout).toContain("repository=acme/*");
  expect((await presentProgram(gatehouse, await programToken(gatehouse, by))).status).toBe(200);
  expect((await run("workload", "add", "All", ...rule)).stderr).toContain("without a claim");
  expect((await run("workload", "remove", clientId)).code).toBe(0);
  expect((await run("workload", "remove", clientId)).stderr).toContain("There is no program");
  expect((await run("issuer", "disable", "builds")).stdout).toContain("isn't trusted any more");
  expect((await run("issuer", "check", "builds")).stdout).toContain("turned off");
  expect((await run("issuer", "enable", "builds")).code).toBe(0);
  expect((await run("issuer", "remove", "builds")).code).toBe(0);
  expect((await run("issuer", "remove", "builds")).stderr).toContain("There is no issuer");
  expect((await run("issuer", "add", "gone", "--issuer", "http://localhost:1")).stderr).toContain(
    "could not be reached",
  );
  expect((await run("issuer", "add", "github-actions", "--join", "everybody")).stderr).toContain("no use");
  expect((await run("issuer", "add", "world", "--issuer", "https://accounts.google.com")).stderr).toContain(
    "everybody",
  );
  const client = await run("client", "create", "Agent", "--id-jag", "--json");
  expect(JSON.parse(client.stdout)).toMatchObject({ clientSecret: expect.stringMatching(/^gths_/) });
});
