import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { projectFile } from "../../src/dev/workerd.ts";
import { CHECKS } from "../../src/doctor/checks.ts";
import { ASPECTS } from "../../src/doctor/posture.ts";
import { REQUIREMENTS } from "../../src/doctor/requirements.ts";
import { SOURCE_RULES } from "../../src/doctor/source/scan.ts";

const page = projectFile(".docs/doctor.md");

/** The tables of the page. `WRITE_PAGE=1` writes them into it. */
const TABLES: Readonly<Record<string, string>> = {
  requirements: REQUIREMENTS.map(({ id, title }, index) => `${index + 1}. **${id}** ${title}`).join("\n"),
  posture: ASPECTS.map(
    ({ id, title, checks }) => `- **${id}** ${title}: ${checks.map((check) => `\`${check}\``).join(", ")}`,
  ).join("\n"),
  source: SOURCE_RULES.map(({ id, title, rule, remedy }) => `- \`${id}\` ${title} (${rule}). ${remedy}`).join("\n"),
  checks: [...new Set(CHECKS.map(({ group }) => group))]
    .map((group) => {
      const rows = CHECKS.filter((check) => check.group === group).map(
        ({ id, title, rule, remedy, level }) => `| \`${id}\` | ${title} | ${level} | ${rule} | ${remedy} |`,
      );
      return `### ${group}\n\n| check | what holds | else | rests on | what to change |\n|---|---|---|---|---|\n${rows.join("\n")}`;
    })
    .join("\n\n"),
};

const between = (name: string) => new RegExp(`<!-- ${name} -->\n[\\s\\S]*?<!-- end of ${name} -->`);
const marked = (name: string) => `<!-- ${name} -->\n${TABLES[name]}\n<!-- end of ${name} -->`;

test.each(Object.keys(TABLES))("D1 the page of the docs lists the %s exactly as the doctor has them", async (name) => {
  if (process.env["WRITE_PAGE"]) {
    await writeFile(
      page,
      (await readFile(page, "utf8")).replace(between(name), () => marked(name)),
    );
  }
  expect(between(name).exec(await readFile(page, "utf8"))?.[0]).toBe(marked(name));
});

test("D1 every check has an id of its own and a remedy", () => {
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  for (const { title, rule, remedy } of CHECKS)
    expect(Math.min(title.length, rule.length, remedy.length)).toBeGreaterThan(5);
});
