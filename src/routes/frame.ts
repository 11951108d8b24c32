import type { AppContext } from "./app-env.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { pathOf } from "./middleware/signed-in.ts";
import type { FormFrame } from "./pages/form.tsx";
import type { Frame } from "./pages/layout.tsx";
import { findNotice } from "./pages/notices.ts";
import type { PanelFrame } from "./pages/panel.tsx";

export const frameOf = (c: AppContext): Frame => {
  const { issuer, name, logo } = c.var.deps.config;
  return { issuer, deployment: name, hasLogo: logo !== null, zone: zoneOf(c) };
};

/** The frame of a page with forms. */
export const formFrameOf = async (c: AppContext): Promise<FormFrame> => ({
  ...frameOf(c),
  csrf: await issueCsrfToken(c),
});

/** The frame of the pages of somebody who is signed in. */
export async function panelFrameOf(c: AppContext): Promise<PanelFrame> {
  const { session } = c.var;
  return {
    ...(await formFrameOf(c)),
    path: pathOf(c),
    email: session.email,
    isOwner: session.role === "owner",
    notice: findNotice(c.req.query("done")),
  };
}

/** The time zone that Cloudflare finds the person's address in. UTC where it finds none, or one that isn't known here. */
function zoneOf(c: AppContext): string {
  const { timezone } = (c.req.raw as { cf?: { timezone?: unknown } }).cf ?? {};
  if (typeof timezone !== "string") return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
