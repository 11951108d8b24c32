import { type AuthorizationQuery, type AuthorizationStep, evaluateAuthorization } from "../flows/authorize/evaluate.ts";
import { openReturnTo } from "../flows/login/return-to.ts";
import { parseForm } from "../lib/form.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie } from "./cookies.ts";
import type { RefusedForm } from "./fields.ts";
import { rawQuery } from "./middleware/query.ts";
import { ConsentPage } from "./pages/consent.tsx";
import { HeldAppPage, RefusedAppPage } from "./pages/held-app.tsx";
import { NoAccessPage } from "./pages/no-access.tsx";
import { formShellOf } from "./shell.ts";

/** `GET /authorize` (OAuth 2.1 §4.1.1), from a client or back from the sign-in. */
export async function getAuthorize(c: AppContext): Promise<Response> {
  const query = parseForm(rawQuery(c));
  if (!query) throw new OAuthError("invalid_request", "The app's link is malformed.");
  const sealed = query.find(([name]) => name === "continue")?.[1];
  const request = sealed === undefined ? { query, requestedAt: c.var.deps.now() } : await openRequest(c, sealed);
  // After a sign-in, the client id isn't in the address, where an error would look for it.
  c.set("clientId", request.query.find(([name]) => name === "client_id")?.[1] ?? null);
  const step = await evaluateAuthorization(c.var.deps, request, readCookie(c, "session"));
  // The page asks again by itself, and must not be taken for a new request each time, which may ask for a new sign-in.
  if (step.kind === "app_held" && sealed === undefined) {
    return c.redirect(`${c.var.deps.config.issuer}/authorize?${new URLSearchParams({ continue: step.returnTo })}`, 303);
  }
  return showStep(c, step, null);
}

/** How often the page of an app that is held asks whether the owner has decided. */
const ASK_AGAIN_SECONDS = 20;

/**
 * Answers with the next step of an authorization request. `refused` is a decision about it that couldn't be carried
 * out.
 */
export async function showStep(c: AppContext, step: AuthorizationStep, refused: RefusedForm | null): Promise<Response> {
  const { deps } = c.var;
  switch (step.kind) {
    case "redirect":
      return c.redirect(step.location, 303);
    case "sign_in": {
      const { returnTo, loginHint } = step;
      const query = new URLSearchParams({ continue: returnTo, ...(loginHint ? { login_hint: loginHint } : {}) });
      return c.redirect(`${deps.config.issuer}/login?${query}`, 303);
    }
    case "no_access": {
      const shell = await formShellOf(c);
      return c.html(<NoAccessPage {...{ shell, view: step.view }} />, 403);
    }
    case "app_held": {
      c.header("Refresh", String(ASK_AGAIN_SECONDS));
      return c.html(<HeldAppPage {...{ shell: await formShellOf(c), ...step }} />, 202);
    }
    case "app_refused":
      return c.html(<RefusedAppPage {...{ shell: await formShellOf(c), ...step }} />, 403);
    case "consent": {
      const { view, form } = step;
      const shell = await formShellOf(c);
      return c.html(<ConsentPage {...{ shell, view, form, now: deps.now(), refused }} />, refused ? 400 : 200);
    }
  }
}

/** The authorization request that one of our pages carried. */
export async function openRequest(c: AppContext, sealed: string | null): Promise<AuthorizationQuery> {
  const returnTo = sealed === null ? null : await openReturnTo(c.var.deps, sealed);
  if (returnTo?.path !== "/authorize")
    throw new OAuthError("invalid_request", "This took too long. Go back to the app and start again.");
  return returnTo;
}
