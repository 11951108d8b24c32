import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { access, document } from "../../examples/weather/access.ts";
import { projectFile } from "../../src/dev/workerd.ts";
import { applyResource } from "../../src/flows/admin/apply-resource.ts";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { operatorOf } from "../support/cli.ts";
import { grantTokens, introspect } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const { gatehouse, browser, client } = await ownScene();
const { owner } = gatehouse;

const apply = (text: string, uri: string | null = null) => applyResource(owner, text, { uri, isDefault: false });
const outcomeOf = async (text: string, uri: string | null = null) => {
  const applied = await apply(text, uri);
  return "problem" in applied ? applied.problem : applied.outcome;
};
async function changes(resourceId: string): Promise<number> {
  const query = { name: "resource_changed", email: null, clientId: null, days: null, before: null, limit: 1000 };
  const listed = await readAuditEvents(owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events.filter((event) => event.resourceId === resourceId).length;
}
const notes = (changes: object = {}) => ({
  resource: "https://notes.example/mcp",
  name: "Notes",
  scopes: [
    { name: "notes:read", description: "Read the notes", implies: [], default: true },
    { name: "notes:write", description: "Write notes", implies: ["notes:read"], default: false },
  ],
  ...changes,
});

describe("resource apply", () => {
  test("Clients: adds a resource once, changes it when the file changes, and says so if there is nothing to do", async () => {
    const added = await apply(JSON.stringify(notes()));
    if ("problem" in added || added.outcome !== "added") throw new Error(JSON.stringify(added));
    expect(await outcomeOf(JSON.stringify(notes()))).toBe("unchanged");
    expect(await outcomeOf(JSON.stringify(notes()), "https://notes.example/mcp/")).toBe("unchanged");
    expect(await changes(added.id)).toBe(0);

    const [read] = notes().scopes;
    for (const change of [
      { name: "My notes" },
      { scopes: [{ ...read, description: "Read them all" }] },
      { scopes: [{ ...read, default: false }] },
      { scopes: notes().scopes.toReversed() },
    ]) {
      const changed = JSON.stringify(notes(change));
      expect([await outcomeOf(changed), await outcomeOf(changed)]).toEqual(["changed", "unchanged"]);
    }
    expect(await changes(added.id)).toBe(4);
    const token = await introspect({ ...gatehouse, resource: added }, "x");
    expect(token.status).toBe(200);
  });

  test("Clients: makes exactly the scopes of the file available", async () => {
    const uri = "https://declared.example/mcp";
    const file = JSON.stringify(notes({ resource: uri }));
    await apply(file);
    expect((await grantTokens(gatehouse, browser, client, { resource: uri })).scope).toBe("notes:read");
    const scope = "notes:write";
    expect((await grantTokens(gatehouse, browser, client, { resource: uri, scope })).scope).toBe(scope);
    await apply(JSON.stringify(notes({ resource: uri, scopes: notes().scopes.slice(0, 1) })));
    // A scope that is no longer offered can't be had, and requesting it gets the default scopes.
    expect((await grantTokens(gatehouse, browser, client, { resource: uri, scope })).scope).toBe("notes:read");
  });

  test("Clients: has the same result if it runs twice at once", async () => {
    const file = JSON.stringify(notes({ resource: "https://raced.example/mcp" }));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcomeOf(file)));
    expect(outcomes.filter((outcome) => outcome === "added")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "unchanged")).toHaveLength(7);
  });

  test.each([
    ["not JSON", "{", "not JSON"],
    ["no resource", JSON.stringify(notes({ resource: undefined })), "resource"],
    ["a resource that isn't a URL", JSON.stringify(notes({ resource: "notes" })), "absolute http"],
    ["no scope", JSON.stringify(notes({ scopes: [] })), "scopes"],
    ["a scope without a sentence", JSON.stringify(notes({ scopes: [{ name: "a", description: " " }] })), "description"],
    ["a scope with an invalid name", JSON.stringify(notes({ scopes: [{ name: "a b", description: "A" }] })), "a b"],
    ["an unknown member", JSON.stringify(notes({ secret: "x" })), "secret"],
    [
      "a scope that implies a missing one",
      JSON.stringify(notes({ scopes: [{ name: "a", description: "A", implies: ["b"] }] })),
      "implied",
    ],
  ])("Clients: %s is named as the problem", async (_, text, problem) => {
    expect(await outcomeOf(text)).toContain(problem);
  });
});

test("Clients: the example's gatehouse.resource.json matches its access table", async () => {
  const file = await readFile(projectFile("examples/weather/gatehouse.resource.json"), "utf8");
  expect(JSON.parse(file)).toEqual(document);
  expect(document.scopes).toEqual(access.scopes);
});

test("Clients: the command resource apply FILE prints what it changed", async () => {
  const run = async (...args: string[]) => {
    const file = projectFile("examples/weather/gatehouse.resource.json");
    return (await operatorOf(gatehouse)("resource", "apply", file, ...args)).stdout;
  };
  const uri = ["--uri", "https://applied.example/mcp"];
  const added = JSON.parse(await run(...uri, "--json"));
  expect(added).toMatchObject({ outcome: "added", id: expect.any(String), secret: expect.stringMatching(/^gthv_/) });
  expect(await run(...uri)).toBe("https://applied.example/mcp is up to date. Nothing was changed.\n");
});
