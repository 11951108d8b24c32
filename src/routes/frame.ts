import type { Config } from "../config.ts";
import type { AppContext } from "./app-env.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { pathOf } from "./middleware/signed-in.ts";
import type { Frame } from "./pages/layout.tsx";
import { findNotice } from "./pages/notices.ts";
import type { PanelFrame } from "./pages/panel.tsx";

export const frameOf = ({ issuer, name }: Config): Frame => ({ issuer, deployment: name });

/** The frame of the pages of somebody who is signed in. */
export async function panelFrameOf(c: AppContext): Promise<PanelFrame> {
  const { deps, session } = c.var;
  return {
    ...frameOf(deps.config),
    csrf: await issueCsrfToken(c),
    path: pathOf(c),
    email: session.email,
    isOwner: session.role === "owner",
    notice: findNotice(c.req.query("done") ?? ""),
  };
}
