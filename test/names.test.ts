import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "oxc-parser";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

type SourceFile = { readonly path: string; readonly words: ReadonlySet<string>; readonly exports: readonly string[] };

const readSources = (folder: string): readonly SourceFile[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const text = readFileSync(absolute, "utf8");
      const words = new Set(text.match(/[\w$]+/g));
      return { path: relative(root, absolute), words, exports: exportsOf(absolute, text) };
    });

/** The names that a file gives to what it declares and exports. */
function exportsOf(path: string, text: string): readonly string[] {
  return parseSync(path, text).module.staticExports.flatMap(({ entries }) =>
    entries.filter(({ moduleRequest }) => moduleRequest === null).map(({ exportName }) => exportName.name ?? "default"),
  );
}

const isIn = (folder: string) => (file: SourceFile) => file.path.startsWith(`src/${folder}/`);
const sources = readSources("src");
const tests = readSources("test");
const support = tests.filter(({ path }) => path.startsWith("test/support/"));
const readers = [...sources, ...tests, ...readSources("examples")];

describe("names", () => {
  test("an exported name means one thing in all of src", () => {
    // The middleware is a package of its own, and its adapters share their names on purpose.
    const own = sources.filter((file) => !isIn("resource-server")(file));
    const files = Map.groupBy(
      own.flatMap(({ path, exports }) => exports.map((name) => ({ name, path }))),
      ({ name }) => name,
    );
    const twins = [...files].filter(([name, places]) => name !== "default" && places.length > 1);
    expect(twins.map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(", ")}`)).toEqual([]);
  });

  test("each exported name is used in another file", () => {
    // drizzle-kit reads the tables, and people who install the packages use what these export.
    const own = sources.filter(
      (file) => !isIn("store/schema")(file) && !isIn("resource-server")(file) && !isIn("testing")(file),
    );
    const unused = [...own, ...support].flatMap(({ path, exports }) =>
      exports
        .filter((name) => name !== "default" && !readers.some((file) => file.path !== path && file.words.has(name)))
        .map((name) => `${path}: ${name}`),
    );
    expect(unused).toEqual([]);
  });

  test("each folder of src says in ARCHITECTURE.md what belongs in it and what doesn't", () => {
    const table = readFileSync(join(root, "ARCHITECTURE.md"), "utf8").split("\n");
    const folders = new Set(sources.map(({ path }) => path.split("/").slice(1, -1).join("/")));
    const alone = sources.map(({ path }) => path.slice("src/".length)).filter((path) => !path.includes("/"));
    const rooms = [...[...folders].filter((folder) => folder !== "").map((folder) => `${folder}/`), ...alone];
    const isDescribed = (room: string) =>
      table.some(
        (line) =>
          line.startsWith(`| \`${room}\` |`) &&
          line
            .split("|")
            .slice(2, 4)
            .every((cell) => cell.trim()),
      );
    expect(rooms.filter((room) => !isDescribed(room))).toEqual([]);
  });
});
