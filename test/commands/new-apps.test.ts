import { expect, test } from "vitest";
import { operatorOf } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { holdApp } from "../support/held-app.ts";
import { authorizationRequest } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse();
const theirs = await gatehouse.signedInBrowser(await gatehouse.addPerson("ada@example.com"));

const run = (...args: string[]) => operatorOf(gatehouse)("app", ...args);

test.each([
  [["policy", "redirect", "none"], "There is no such rule."],
  [["policy", "registered", "maybe"], "The decision is one of welcome, ask, refuse, or none to delete the rule."],
  [["policy", "apps", "ask"], "The kind of a rule is one of document, registered, redirect."],
  [
    ["policy", "registered", "ask", "x.example"],
    "Apps that register themselves have one rule for all: leave this empty.",
  ],
  [["approve", "nothing"], "There is no such client."],
] as const)("Clients: the command %j explains in one sentence what is wrong", async (args, sentence) => {
  expect(await run(...args)).toMatchObject({ code: 1, stderr: `${sentence}\n` });
});

test("Clients: the owner can decide in the terminal as well", { timeout: 90_000 }, async () => {
  expect(await run("policy", "registered", "ask")).toMatchObject({
    code: 0,
    stdout: "Such apps have to wait for your decision.\n",
  });
  expect((await run("policy", "document", "refuse", "*.Evil.example")).code).toBe(0);
  expect((await run("policy")).stdout).toMatch(/document +refuse +\*\.evil\.example\nregistered +ask +\*/);
  const client = await holdApp(gatehouse, theirs, { client_name: "Editor" });
  expect((await run("requests")).stdout).toContain("ada@example.com");
  expect(JSON.parse((await run("requests", "--json")).stdout).requests[0]).toMatchObject({
    clientId: client.client_id,
  });
  expect((await run("approve", client.client_id)).stdout).toBe("Approved. People who were waiting can continue.\n");
  expect((await run("requests")).stdout).toBe("No app is waiting.\n");
  const other = await holdApp(gatehouse, theirs);
  expect((await run("refuse", other.client_id)).code).toBe(0);
  expect((await theirs.open((await authorizationRequest(gatehouse, other)).url)).status).toBe(400);
  expect((await run("policy", "registered", "none")).stdout).toBe("Taken away.\n");
});
