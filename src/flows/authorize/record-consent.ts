import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { errorLocation, restoreTarget } from "../../oauth/authorization-request.ts";
import { chooseDuration } from "../../oauth/connection-duration.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { insertAuthorizationDenial } from "../../store/authorization-codes.ts";
import { openConsentForm } from "./consent-form.ts";
import { finishAuthorization, startOver } from "./finish.ts";

/**
 * The person's answer: the scopes that they left ticked, or null if they declined, and how long it may last, in
 * seconds.
 */
export type ConsentDecision = {
  readonly form: string;
  readonly scopes: readonly string[] | null;
  readonly duration: number | null;
};

/** Why a decision can't be carried out until the person changes something on the page. */
export type DecisionProblem = { readonly problem: string };

/**
 * Carries out a consent decision and returns where the browser goes next (OAuth 2.1 §4.1.2). The statement that issues
 * the code checks again everything that the page showed.
 */
export async function recordConsent(
  deps: Deps,
  sessionToken: string | null,
  decision: ConsentDecision,
): Promise<{ readonly location: string } | DecisionProblem> {
  const form = sessionToken === null ? null : await openConsentForm(deps, sessionToken, decision.form);
  if (!form || sessionToken === null)
    throw startOver("You were signed out meanwhile, or the page was open for too long.");
  const target = restoreTarget(form, deps.config.issuer);
  if (decision.scopes === null) {
    await insertAuthorizationDenial(deps.db, { ...form, sessionDigest: await sha256(sessionToken) }, deps.actor);
    return { location: errorLocation(target, new OAuthError("access_denied", "The person declined.")) };
  }
  const granted = narrowGrant(form, { ...decision, scopes: decision.scopes });
  if ("problem" in granted) return granted;
  return finishAuthorization(deps, sessionToken, { form, ...granted, skipped: [] });
}

/** The part of an offer that the person granted. */
export function narrowGrant(
  offer: { readonly scopes: readonly string[]; readonly durations: readonly number[] },
  { scopes, duration }: { readonly scopes: readonly string[]; readonly duration: number | null },
): { readonly scopes: string[]; readonly familySeconds: number } | DecisionProblem {
  const granted = offer.scopes.filter((scope) => scopes.includes(scope));
  if (granted.length === 0) return { problem: "Nothing is ticked. Tick at least one permission, or choose Deny." };
  const familySeconds = chooseDuration(offer.durations, duration);
  if (familySeconds === null) return { problem: "Choose how long the app keeps access." };
  return { scopes: granted, familySeconds };
}
