import { expect, test } from "vitest";
import { contrastOf } from "../../src/lib/color.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse({ vars: { DEPLOYMENT_NAME: "Ada's <gate>", ACCENT_COLOR: "#ffee00" } });

test("the owner's name for the deployment is on every page, as text", async () => {
  for (const path of ["/", "/login", "/setup", "/authorize", "/nothing"]) {
    const page = await fetch(gatehouse.issuer + path, { headers: { Accept: "text/html" } });
    const html = await page.text();
    expect(html).toContain("Ada&#39;s &lt;gate&gt;</span></p>");
    expect(html).not.toContain("Gatehouse<");
  }
});

test("the owner's colour is shaded until it can be read, on light and on dark", async () => {
  const style = await (await fetch(`${gatehouse.issuer}/style.css`)).text();
  const [, light = "", dark = ""] = /--accent: light-dark\((#\w{6}), (#\w{6})\)/.exec(style) ?? [];
  expect(contrastOf(light, "#ffffff")).toBeGreaterThanOrEqual(4.5);
  expect(contrastOf(dark, "#161a22")).toBeGreaterThanOrEqual(4.5);
  expect(dark).toBe("#ffee00");
});
