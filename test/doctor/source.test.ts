import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";
import { scanFolder, scanText } from "../../src/doctor/source/scan.ts";
import { runDoctor } from "../support/doctor.ts";
import { SHAPES } from "../support/source-shapes/by-rule.ts";

const places = (text: string) => scanText("server.ts", text)?.map(({ id, line }) => `${id} in line ${line}`);
const marked = (text: string) => text.split("\n").findIndex((line) => line.includes("// MARK")) + 1;
/** Removes the mark, a comment that could pass for a reason. */
const unmarked = (text: string) => text.replace(" // MARK", "");

test.each(SHAPES)("D6 the rule $rule finds $what, but not its safe counterpart", ({ rule, bad, good }) => {
  expect(places(unmarked(bad))).toEqual([`${rule} in line ${marked(bad)}`]);
  expect(places(good)).toEqual([]);
});

test.each([
  ["the examples", "examples"],
  ["Gatehouse", "src"],
  ["oidc-provider", "node_modules/oidc-provider/lib"],
  ["workers-oauth-provider", "node_modules/@cloudflare/workers-oauth-provider/dist"],
])("D6 the scanner finds nothing in the source of %s", async (_, folder) => {
  const { findings, unread } = await scanFolder(projectFile(folder));
  expect({ findings, unread }).toEqual({ findings: [], unread: [] });
});

test.each([
  ["oidc-provider", ["README.md"]],
  ["@cloudflare/workers-oauth-provider", ["README.md", "docs"]],
])("D6 the scanner finds nothing in the documented examples of %s", async (name, documents) => {
  const pages = await Promise.all(documents.map((path) => readPages(projectFile(`node_modules/${name}/${path}`))));
  const examples = pages
    .flat()
    .flatMap((page) => [...page.matchAll(/^```(?:js|ts|typescript|javascript)\n([\s\S]*?)^```/gm)]);
  expect(examples.length).toBeGreaterThan(0);
  expect(examples.flatMap(([, code = ""]) => places(code) ?? [])).toEqual([]);
});

test("D6 the scanner finds that mcp-remote keeps its tokens in a plain file (~/.mcp-auth)", async () => {
  const { findings } = await scanFolder(projectFile("node_modules/mcp-remote/dist"));
  expect(findings.map(({ id, seen }) => [id, seen])).toEqual([
    ["source-plaintext", "what is for tokens.json goes into a file as it is"],
  ]);
});

async function readPages(path: string): Promise<readonly string[]> {
  if (path.endsWith(".md")) return [await readFile(path, "utf8")];
  const names = await readdir(path);
  return Promise.all(names.map((each) => readFile(join(path, each), "utf8")));
}

test("D6 the command names file and line and fails, and skips dependencies, tests and links", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-source-"));
  const [shape] = SHAPES;
  const code = unmarked(shape?.bad ?? "");
  for (const path of ["src", "node_modules/other", "test"]) {
    await mkdir(join(folder, path), { recursive: true });
    await writeFile(join(folder, path, "auth.ts"), code);
  }
  await symlink(folder, join(folder, "src", "around"));
  await writeFile(join(folder, "broken.ts"), "export const = {{{");
  const text = await runDoctor("--source", folder);
  const json = await runDoctor("--source", folder, "--json");
  await rm(folder, { recursive: true });
  expect(text.code).toBe(1);
  expect(text.stdout).toContain(
    `src/auth.ts:${marked(shape?.bad ?? "")}  an authorization request without code_challenge`,
  );
  expect(text.stdout).toContain("Not read, since they can't be parsed or are too large: broken.ts");
  expect(JSON.parse(json.stdout)).toMatchObject({ files: 2, unread: ["broken.ts"], findings: [{ id: "source-pkce" }] });
});

test("D6 a folder that doesn't exist is reported in one sentence", async () => {
  expect(await runDoctor("--source", "no-such-folder")).toMatchObject({
    code: 1,
    stderr: "no-such-folder is not a folder.\n",
  });
});
