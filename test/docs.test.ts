import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { clientLines } from "../src/flows/admin/client-lines.ts";
import { readServerMap } from "./support/server-map.ts";

const root = join(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const PAGES = readdirSync(join(root, ".docs")).map((name) => `.docs/${name}`);
const READMES = ["README.md", "src/resource-server/README.md", "src/testing/README.md", "test/bench/README.md"];
const OTHERS = ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "test/README.md", "examples/issues/README.md"];
/** What people who run Gatehouse or build on it read. */
const docs = [...PAGES, ...READMES, ...OTHERS].map((path) => ({ path, text: read(path) }));
const all = docs.map(({ text }) => text).join("\n");

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");
const anchorsIn = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));

describe("the docs name only what exists", () => {
  test.each(docs)("$path links only to pages and files that exist", ({ path, text }) => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].map(([, link = ""]) => link);
    const broken = links.filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test.each(docs)("$path names between backticks only files of this repository that exist", ({ text }) => {
    const named = [...text.matchAll(/`((?:src|test|examples|drizzle|\.ci|\.docs|\.config|\.github)\/[\w./-]+)`/g)];
    expect(named.map(([, name = ""]) => name).filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });

  test("the docs name only scripts that exist in package.json, and name each of them", () => {
    const scripts = Object.keys(JSON.parse(read("package.json")).scripts);
    const used = [...all.matchAll(/\bnpm (?:run (?:-s |--silent )?|(?=test\b))([a-z][\w:-]*)/g)].map(
      ([, script]) => script ?? "test",
    );
    expect(used.filter((script) => !scripts.includes(script))).toEqual([]);
    expect(scripts.filter((script) => script !== "test" && !all.includes(`npm run ${script}`))).toEqual([]);
  });

  test("the docs name only commands that exist, and each command has a line in cli.md", async () => {
    const commands = await readCommands();
    for (const { usage, description } of commands)
      expect(read(".docs/cli.md")).toContain(`\n| \`${usage}\` | ${description} |\n`);
    const documented = [...read(".docs/cli.md").matchAll(/^\| `[a-z]/gm)];
    expect(documented).toHaveLength(commands.length);
    const used = [...all.matchAll(/npm run (?:-s )?cli -- ([a-z][a-z-]*(?: [a-z]+\b)?)/g)].map(([, name = ""]) => name);
    const unknown = used.filter(
      (name) =>
        !commands.some(
          ({ usage }) => `${usage} `.startsWith(`${name} `) || usage.split(" [")[0] === name.split(" ")[0],
        ),
    );
    expect(unknown).toEqual([]);
  });

  test("the docs name only variables that exist, and each variable is in the README's table", () => {
    const variables = [...read("src/config.ts").matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name = ""]) => name);
    expect(variables.length).toBeGreaterThan(35);
    const table = read("README.md").split("## Configuration")[1]?.split("\n## ")[0] ?? "";
    expect(
      variables.filter((name) => name !== "ENVIRONMENT" && name !== "LIMITS" && !table.includes(`\`${name}\``)),
    ).toEqual([]);
    const named = [...all.matchAll(/`([A-Z]{2,}(?:_[A-Z]+)+)`/g)].map(([, name = ""]) => name);
    expect([...new Set(named)].filter((name) => !variables.includes(name) && !ELSEWHERE.includes(name))).toEqual([]);
  });

  test("the README's table of endpoints lists each one that clients and people call, and no other", () => {
    const table = read("README.md").split("## Endpoints")[1]?.split("\n## ")[0] ?? "";
    const paths = [...table.matchAll(/`(\/[^`]*)`/g)].map(([, path = ""]) => path.split("/")[1]);
    const routes = readServerMap().map(({ path }) => path.split("/")[1] ?? "");
    const own = ["login", "logout", "setup", "consent", ""];
    const assets = (name: string) => /\.|^logo$/.test(name);
    expect(
      [...new Set(routes)].filter((name) => !own.includes(name) && !assets(name) && !paths.includes(name)),
    ).toEqual([]);
    expect(paths.filter((name = "") => !routes.includes(name) && name !== ".well-known")).toEqual([]);
  });
});

/** Variables that aren't the Worker's: those of MCP servers, of CI, and of programs here. */
const ELSEWHERE = [
  ...["RESOURCE_ID", "INTROSPECTION_SECRET", "CLIENT_ID", "CLIENT_SECRET", "CLOUDFLARE_API_TOKEN", "TEST_REDIS"],
  ...[
    "RATE_LIMITED",
    "RACE_ROUNDS",
    "RANDOM_TIMES",
    "GROWTH_FAMILIES",
    "DATABASE_URL",
    "LINK_ACCOUNT",
    "DOCTOR_CLIENT_SECRET",
  ],
];

test("the index lists each page", () => {
  const index = read(".docs/README.md");
  expect(
    PAGES.filter((path) => !path.endsWith("README.md") && !index.includes(`(${path.replace(".docs/", "")})`)),
  ).toEqual([]);
});

test("SECURITY.md cites only titles that stand in the test files that it names", () => {
  const cells = read("SECURITY.md")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").at(-2) ?? "");
  const cited = cells.flatMap((cell) =>
    [...cell.matchAll(/((?:`[^`]+`,? )+)in `(test\/[^`]+)`/g)].flatMap(([, titles = "", path = ""]) =>
      [...titles.matchAll(/`([^`]+)`/g)].map(([, title = ""]) => ({ path, title })),
    ),
  );
  expect(cited.length).toBeGreaterThan(50);
  const isThere = ({ path, title }: (typeof cited)[number]) =>
    title.split("…").every((part) => read(path).includes(part.trim()));
  expect(cited.filter((citation) => !isThere(citation))).toEqual([]);
});

test("connect.md gives the same lines for each client as the dashboard", () => {
  const page = read(".docs/connect.md");
  for (const { title, hint, text } of clientLines({ name: "Weather", uri: "https://weather.example.com/mcp" })) {
    expect(page).toContain(`**${title}.** ${hint}\n`);
    expect(page).toContain(`\n${text}\n`);
  }
});

/** All commands, as the CLI itself lists them. */
async function readCommands(): Promise<readonly { readonly usage: string; readonly description: string }[]> {
  const args = ["--import", join(root, "test/support/list-commands.ts"), join(root, "src/cli/main.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([usage = "", description = ""]) => ({ usage, description }));
}
