import { readFileSync } from "node:fs";
import { projectFile } from "../../src/dev/workerd.ts";

export const MIDDLEWARE_README = readFileSync(projectFile("src/resource-server/README.md"), "utf8");
export const TESTING_README = readFileSync(projectFile("src/testing/README.md"), "utf8");

/** The code blocks of the parts of a README with these headings. */
function blocksOf(readme: string, headings: readonly string[]): readonly string[] {
  return readme
    .split(/^## /m)
    .filter((part) => headings.some((heading) => part.startsWith(`${heading}\n`)))
    .flatMap((part) => [...part.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code));
}

/** The files that those parts tell people to write, by name. A file's first line names it. */
export const filesOf = (readme: string, ...headings: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    blocksOf(readme, headings).flatMap((code) => {
      const name = /^(?:\/\/|#) ([\w.-]+)\n/.exec(code)?.[1];
      return name ? [[name, code]] : [];
    }),
  );

/** The packages that they tell people to install or to run from npm, by name or path. */
export const installsOf = (readme: string): readonly string[] =>
  [...readme.matchAll(/\b(?:npm (?:install|i|add|exec)|npx) +([^\n#&>|`)]+)/g)].flatMap(([command = "", rest = ""]) => {
    const words = rest.split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
    return /^(npx|npm exec)/.test(command) ? words.slice(0, 1) : words;
  });
