import type { AppContext } from "./app-env.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { pathOf } from "./middleware/signed-in.ts";
import type { FormShell } from "./pages/form.tsx";
import type { PageShell } from "./pages/layout.tsx";
import { findNotice } from "./pages/notices.ts";
import type { PanelShell } from "./pages/panel.tsx";

export const shellOf = (c: AppContext): PageShell => {
  const { issuer, name, logo } = c.var.deps.config;
  return { issuer, deployment: name, hasLogo: logo !== null, zone: zoneOf(c) };
};

/** The shell of a page with forms. */
export const formShellOf = async (c: AppContext): Promise<FormShell> => ({
  ...shellOf(c),
  csrf: await issueCsrfToken(c),
});

/** The shell of the pages of signed-in people. */
export async function panelShellOf(c: AppContext): Promise<PanelShell> {
  const { session } = c.var;
  return {
    ...(await formShellOf(c)),
    path: pathOf(c),
    email: session.email,
    isOwner: session.role === "owner",
    notice: findNotice(c.req.query("done")),
  };
}

/**
 * The time zone in which Cloudflare locates the person's address. UTC if it finds none, or one that isn't known here.
 */
function zoneOf(c: AppContext): string {
  const { timezone } = (c.req.raw as { cf?: { timezone?: unknown } }).cf ?? {};
  if (typeof timezone !== "string") return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
