import { type ConsentDecision, decideAuthorization } from "../flows/authorize/decide.ts";
import type { AppContext } from "./app-env.ts";
import { readCookie } from "./cookies.ts";

/** `POST /consent`: the person's answer. 303, so that the form is not sent on to the client (RFC 9700 §4.12). */
export async function postConsent(c: AppContext): Promise<Response> {
  const { deps, form } = c.var;
  const location = await decideAuthorization(deps, readCookie(c, "session"), readDecision(form));
  return c.redirect(location, 303);
}

/** What a form that asks for permissions was answered. */
export const readDecision = (form: URLSearchParams): ConsentDecision => ({
  form: form.get("request") ?? "",
  scopes: form.get("decision") === "allow" ? form.getAll("scope") : null,
  duration: form.has("duration") ? Number(form.get("duration")) : null,
});
