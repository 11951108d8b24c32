import { HTTPException } from "hono/http-exception";
import type { AppContext } from "./app-env.ts";
import type { NoticeName } from "./pages/notices.ts";

/** Redirects to one of our pages after a form, with a notice that says what was done. */
export function goTo(
  c: AppContext,
  path: string,
  done?: NoticeName,
  more: Readonly<Record<string, string>> = {},
): Response {
  const query = new URLSearchParams(done ? { done, ...more } : {});
  const notice = query.size > 0 ? `${path.includes("?") ? "&" : "?"}${query}` : "";
  return c.redirect(`${c.var.deps.config.issuer}${path}${notice}`, 303);
}

/** The result of a flow, or a page with the problem that it returned. */
export function orRefuse<T extends object>(outcome: T): Exclude<T, { readonly problem: string }> {
  if ("problem" in outcome) throw new HTTPException(400, { message: String(outcome.problem) });
  return outcome as Exclude<T, { readonly problem: string }>;
}
