import type { Deps } from "../../deps.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { isDeviceCodeDecided, updateDeviceCodeDecision } from "../../store/device-codes.ts";
import { type ConsentDecision, type DecisionProblem, narrowGrant } from "../authorize/record-consent.ts";
import { makeDetour } from "../linked/detour.ts";
import type { Session } from "../login/session.ts";
import { openDeviceForm } from "./form.ts";

/**
 * The outcome. `connect` leads to an account that the server needs and doesn't have. The device doesn't wait for it.
 */
export type DeviceOutcome =
  | { readonly decision: "denied" }
  | { readonly decision: "allowed"; readonly connect: string | null };

/**
 * Carries out a decision about a device. The statement checks again everything that the page showed. The device learns
 * the outcome at its next poll (RFC 8628 §3.4).
 */
export async function recordDeviceDecision(
  deps: Deps,
  session: Session,
  sessionToken: string,
  decision: ConsentDecision,
): Promise<DeviceOutcome | DecisionProblem> {
  const form = await openDeviceForm(deps, sessionToken, decision.form);
  if (!form) throw startOver();
  const granted = decision.scopes && narrowGrant(form, { ...decision, scopes: decision.scopes });
  if (granted !== null && "problem" in granted) return granted;
  const sessionKey = { digest: session.digest, idleSeconds: deps.config.lifetimes.sessionIdleSeconds };
  const decided = {
    digest: form.digest,
    session: sessionKey,
    clientFingerprint: form.clientFingerprint,
    scopes: granted?.scopes ?? null,
    familySeconds: granted?.familySeconds ?? null,
    userAgent: deps.caller.userAgent,
  };
  const recorded = await updateDeviceCodeDecision(deps.db, decided, deps.actor);
  if (!recorded && !(await isDeviceCodeDecided(deps.db, decided))) throw startOver();
  if (granted === null) return { decision: "denied" };
  const { clientId, resourceId } = form;
  const needs = granted.scopes.flatMap((scope) => form.needs[scope] ?? []);
  const detour = await makeDetour(deps, sessionKey, { clientId, resourceId, needs, skipped: [], pending: () => null });
  return { decision: "allowed", connect: detour?.location ?? null };
}

const startOver = () =>
  new OAuthError(
    "invalid_request",
    "This can no longer be answered: it has already been answered, took too long, or the app has changed. Start again on the device.",
    { reason: "already_answered" },
  );
