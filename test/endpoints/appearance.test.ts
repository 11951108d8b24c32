import { expect, test } from "vitest";
import { contrastOf } from "../../src/lib/color.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse({ vars: { DEPLOYMENT_NAME: "Ada's <gate>", ACCENT_COLOR: "#ffee00" } });

test("every page shows the owner's name for the deployment, as text", async () => {
  for (const path of ["/", "/login", "/setup", "/authorize", "/nothing"]) {
    const page = await fetch(gatehouse.issuer + path, { headers: { Accept: "text/html" } });
    const html = await page.text();
    expect(html).toContain("Ada&#39;s &lt;gate&gt;</span></p>");
    expect(html).not.toContain("Gatehouse<");
  }
});

test("the owner's colour is shaded until it is readable, on light and on dark", async () => {
  const style = await (await fetch(`${gatehouse.issuer}/style.css`)).text();
  const [, light = "", dark = ""] = /--accent: light-dark\((#\w{6}), (#\w{6})\)/.exec(style) ?? [];
  expect(contrastOf(light, "#ffffff")).toBeGreaterThanOrEqual(4.5);
  expect(contrastOf(dark, "#161a22")).toBeGreaterThanOrEqual(4.5);
  expect(dark).toBe("#ffee00");
});

const MARK = '<svg xmlns="http://www.w3.org/2000/svg"/>';
const marked = await startGatehouse({ vars: { LOGO: `data:image/svg+xml;base64,${btoa(MARK)}` } });

test("the owner's logo replaces ours, and is served from this origin", async () => {
  const page = await (await fetch(`${marked.issuer}/login`)).text();
  expect(page).toContain(`<img src="${marked.issuer}/logo" alt=""/>`);
  expect(page).toContain(`<link rel="icon" href="${marked.issuer}/logo"/>`);
  const logo = await fetch(`${marked.issuer}/logo`);
  expect([logo.headers.get("Content-Type"), await logo.text()]).toEqual(["image/svg+xml", MARK]);
  expect(logo.headers.get("Content-Security-Policy")).toContain("script-src 'self'");
  expect((await fetch(`${gatehouse.issuer}/logo`)).status).toBe(404);
});

test("WCAG 2.2 §1.4.6 all text has a contrast of 7 on every background that it appears on, light and dark", async () => {
  const style = await (await fetch(`${gatehouse.issuer}/style.css`)).text();
  const shades = (name: string): readonly [light: string, dark: string] => {
    const [, light = "", dark = ""] = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(style) ?? [];
    return [light, dark];
  };
  for (const text of ["text", "quiet"]) {
    for (const ground of ["ground", "card", "raised"]) {
      for (const scheme of [0, 1] as const) {
        const contrast = contrastOf(shades(text)[scheme], shades(ground)[scheme]);
        expect(contrast, `${text} on ${ground}, ${scheme === 0 ? "light" : "dark"}`).toBeGreaterThanOrEqual(7);
      }
    }
  }
  for (const said of ["good", "warn", "bad"]) {
    for (const scheme of [0, 1] as const)
      expect(contrastOf(shades(said)[scheme], shades(`${said}-ground`)[scheme])).toBeGreaterThanOrEqual(4.5);
  }
});
