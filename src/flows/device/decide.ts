import type { Deps } from "../../deps.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { isDeviceCodeDecided, updateDeviceCodeDecision } from "../../store/device-codes.ts";
import { type ConsentDecision, type DecisionProblem, narrowGrant } from "../authorize/decide.ts";
import type { Session } from "../login/session.ts";
import { openDeviceForm } from "./form.ts";

/**
 * Carries a decision about a device out; what it asked stands, and the statement checks all of it again. The device learns of
 * it when it polls next (RFC 8628 §3.4).
 */
export async function decideDevice(
  deps: Deps,
  session: Session,
  sessionToken: string,
  decision: ConsentDecision,
): Promise<"allowed" | "denied" | DecisionProblem> {
  const form = await openDeviceForm(deps, sessionToken, decision.form);
  if (!form) throw startOver();
  const granted = decision.scopes && narrowGrant(form, { ...decision, scopes: decision.scopes });
  if (granted !== null && "problem" in granted) return granted;
  const decided = {
    digest: form.digest,
    session: { digest: session.digest, idleSeconds: deps.config.lifetimes.sessionIdleSeconds },
    clientFingerprint: form.clientFingerprint,
    scopes: granted?.scopes ?? null,
    familySeconds: granted?.familySeconds ?? null,
    userAgent: deps.caller.userAgent,
  };
  const recorded = await updateDeviceCodeDecision(deps.db, decided, deps.actor);
  if (!recorded && !(await isDeviceCodeDecided(deps.db, decided))) throw startOver();
  return granted === null ? "denied" : "allowed";
}

const startOver = () =>
  new OAuthError(
    "invalid_request",
    "This can no longer be answered: it was answered already, took too long, or the app has changed. Start again on the device.",
    { reason: "already_answered" },
  );
