import { readableOn } from "../../lib/color.ts";
import type { AppContext } from "../app-env.ts";
import icon from "./assets/icon.svg" with { type: "text" };
import passkeys from "./assets/passkeys.js" with { type: "text" };
import setupLink from "./assets/setup-link.js" with { type: "text" };
import style from "./assets/style.css" with { type: "text" };

const asset = (type: string, read: (c: AppContext) => string) => (c: AppContext) =>
  c.body(read(c), 200, { "Content-Type": type, "Cache-Control": "public, max-age=3600" });

/** The colours of the style sheet that the accent has to be readable on. */
const [LIGHT, DARK] = ["#f3f5f9", "#1d2431"];

/** `GET /style.css`: the one stylesheet, with the deployment's accent. */
export const getStylesheet = asset("text/css; charset=utf-8", (c) => {
  const { accentColor } = c.var.deps.config;
  const [light, dark] = [readableOn(accentColor, LIGHT), readableOn(accentColor, DARK)];
  return `:root { --accent: light-dark(${light}, ${dark}); --on-accent: light-dark(#ffffff, #0b1018); }\n${style}`;
});

/** `GET /icon.svg`: a gate, for the browser's tab. */
export const getIcon = asset("image/svg+xml", (c) => icon.replaceAll("#2b5fd9", c.var.deps.config.accentColor));

/** `GET /passkeys.js`. */
export const getPasskeysScript = asset("text/javascript; charset=utf-8", () => passkeys);

/** `GET /setup-link.js`. */
export const getSetupLinkScript = asset("text/javascript; charset=utf-8", () => setupLink);
