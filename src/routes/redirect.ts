import type { AppContext } from "./app-env.ts";
import type { NoticeName } from "./pages/notices.ts";

/** Leads to one of our pages after a form, saying there what was done. */
export const goTo = (c: AppContext, path: string, done?: NoticeName): Response =>
  c.redirect(`${c.var.deps.config.issuer}${path}${done ? `?done=${done}` : ""}`, 303);
