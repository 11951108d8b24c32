import { type AuthorizationQuery, beginAuthorization } from "../flows/authorize/begin.ts";
import { openContinuation } from "../flows/login/continuation.ts";
import { parseForm } from "../lib/form.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie } from "./cookies.ts";
import { frameOf } from "./frame.ts";
import { issueCsrfToken } from "./middleware/csrf.ts";
import { rawQuery } from "./middleware/query.ts";
import { ConsentPage } from "./pages/consent.tsx";

/** `GET /authorize` (OAuth 2.1 §4.1.1), from a client or back from the sign-in. */
export async function getAuthorize(c: AppContext): Promise<Response> {
  const { deps } = c.var;
  const step = await beginAuthorization(deps, await readRequest(c), readCookie(c, "session"));
  switch (step.kind) {
    case "redirect":
      return c.redirect(step.location, 303);
    case "sign_in": {
      const { continuation, loginHint } = step;
      const query = new URLSearchParams({ continue: continuation, ...(loginHint ? { login_hint: loginHint } : {}) });
      return c.redirect(`${deps.config.issuer}/login?${query}`, 303);
    }
    case "consent":
      return c.html(
        <ConsentPage frame={frameOf(deps.config)} view={step.view} form={step.form} csrf={await issueCsrfToken(c)} />,
      );
  }
}

async function readRequest(c: AppContext): Promise<AuthorizationQuery> {
  const query = parseForm(rawQuery(c));
  if (!query) throw new OAuthError("invalid_request", "The app's link is malformed.");
  const sealed = query.find(([name]) => name === "continue")?.[1];
  if (sealed === undefined) return { query, requestedAt: c.var.deps.now() };
  const continuation = await openContinuation(c.var.deps, sealed);
  if (continuation?.path !== "/authorize")
    throw new OAuthError("invalid_request", "This took too long. Go back to the app and start again.");
  return continuation;
}
