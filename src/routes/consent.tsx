import { evaluateAuthorization } from "../flows/authorize/evaluate.ts";
import { type ConsentDecision, recordConsent } from "../flows/authorize/record-consent.ts";
import * as z from "../lib/schema.ts";
import type { AppContext } from "./app-env.ts";
import { openRequest, showStep } from "./authorize.tsx";
import { readCookie } from "./cookies.ts";
import { formRoute, type RefusedForm, sealed } from "./fields.ts";

/** The answer to a form that asks for permissions, in the browser or for a device. */
export const decisionForm = z.object({
  request: sealed(),
  decision: z.enum(["allow", "deny"], "Choose Allow or Deny."),
  scope: z.array(z.string()),
  duration: z.optional(z.string()),
});

export const toDecision = (fields: z.output<typeof decisionForm>): ConsentDecision => ({
  form: fields.request,
  scopes: fields.decision === "allow" ? fields.scope : null,
  duration: fields.duration === undefined ? null : Number(fields.duration),
});

/**
 * `POST /consent`: the person's answer. It redirects with 303, so that the browser doesn't post the form to the client
 * (RFC 9700 §4.12).
 */
export const postConsent = formRoute({
  fields: decisionForm,
  showAgain: askAgain,
  submit: async (c, fields) => {
    const outcome = await recordConsent(c.var.deps, readCookie(c, "session"), toDecision(fields));
    return "problem" in outcome ? outcome : c.redirect(outcome.location, 303);
  },
});

/** The page carries the request that it asks about, so that it can be shown again after a mistake. */
async function askAgain(c: AppContext, refused: RefusedForm): Promise<Response> {
  const request = await openRequest(c, refused.typed.get("continue"));
  return showStep(c, await evaluateAuthorization(c.var.deps, request, readCookie(c, "session")), refused);
}
