import { readableOn } from "../lib/color.ts";
import type { AppContext } from "./app-env.ts";
import icon from "./pages/assets/icon.svg" with { type: "text" };
import page from "./pages/assets/page.js" with { type: "text" };
import passkeys from "./pages/assets/passkeys.js" with { type: "text" };
import setupLink from "./pages/assets/setup-link.js" with { type: "text" };
import { STYLESHEET } from "./pages/assets/stylesheet.ts";

const asset = (type: string, read: (c: AppContext) => string) => (c: AppContext) =>
  c.body(read(c), 200, { "Content-Type": type, "Cache-Control": "public, max-age=3600" });

/** The colours of the stylesheet on which the accent has to be readable. */
const [LIGHT, DARK] = ["#f0f2f5", "#1e242e"];

/** `GET /style.css`: the one stylesheet, with the deployment's accent. */
export const getStylesheet = asset("text/css; charset=utf-8", (c) => {
  const { accentColor } = c.var.deps.config;
  const [light, dark] = [readableOn(accentColor, LIGHT), readableOn(accentColor, DARK)];
  return `:root { --accent: light-dark(${light}, ${dark}); --on-accent: light-dark(#ffffff, #0d1015); }\n${STYLESHEET}`;
});

/** `GET /icon.svg`: a gatehouse, for the browser's tab. */
export const getIcon = asset("image/svg+xml", (c) => icon.replaceAll("#2b5fd9", c.var.deps.config.accentColor));

/** `GET /logo`: the owner's logo, if there is one. */
export async function getLogo(c: AppContext): Promise<Response> {
  const { logo } = c.var.deps.config;
  if (!logo) return c.notFound();
  const bytes = Uint8Array.from(atob(logo.base64), (letter) => letter.charCodeAt(0));
  return c.body(bytes, 200, { "Content-Type": logo.type, "Cache-Control": "public, max-age=3600" });
}

const SCRIPTS = { page, passkeys, setupLink };

/** `GET /page.js`, `/passkeys.js` and `/setup-link.js`. */
export const getScript = (name: keyof typeof SCRIPTS) => asset("text/javascript; charset=utf-8", () => SCRIPTS[name]);
