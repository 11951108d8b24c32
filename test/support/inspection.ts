import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { findOddWords } from "./glossary.ts";

const NARROW = { width: 360, height: 740 };
const WIDE = { width: 1280, height: 800 };

/** The folder for pictures of the pages. Null if nobody asked for them (`npm run screenshots` does). */
const folder = process.env["SCREENSHOTS"] ?? null;

/**
 * Inspects a page as it is now, narrow and wide, light and dark: nothing overflows, axe finds nothing, and it says what
 * people say. The page keeps its state.
 */
export async function inspect(page: Page, name: string): Promise<void> {
  expect(findOddWords(await readOwnWords(page)), name).toEqual([]);
  for (const [width, viewport] of [
    ["narrow", NARROW],
    ["wide", WIDE],
  ] as const) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const sticksOut = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect(sticksOut, `${name} sticks out at ${viewport.width} px`).toBeLessThanOrEqual(0);
      expect(await findViolations(page), `${name}, ${width}, ${colorScheme}`).toEqual([]);
      if (folder === null) continue;
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
}

/** What a person reads, leaving out code, and names that others chose. */
const readOwnWords = (page: Page): Promise<string> =>
  page.evaluate<string>(`(() => {
    const copy = document.body.cloneNode(true);
    for (const each of copy.querySelectorAll("code, pre, bdi, option, .confirm h2")) each.remove();
    return copy.textContent.replaceAll(/\\s+/g, " ");
  })()`);

/** The findings of axe, by WCAG 2.2 A and AA and its best practices: rule and element. */
async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
}
