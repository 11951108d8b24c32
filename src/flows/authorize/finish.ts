import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { sha256 } from "../../lib/hash.ts";
import * as z from "../../lib/schema.ts";
import { codeLocation, restoreTarget } from "../../oauth/authorization-request.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { insertAuthorizationCode } from "../../store/authorization-codes.ts";
import { makeDetour } from "../linked/detour.ts";
import { consentForm } from "./consent-form.ts";

/** What the person allowed, before the code is issued. They may have to link accounts first. */
const schema = z.object({
  form: consentForm,
  scopes: z.array(z.string()),
  familySeconds: z.number(),
  /** Providers at which the person doesn't want to link an account now. */
  skipped: z.array(z.string()),
});

type AllowedConsent = z.output<typeof schema>;

const use = (sessionToken: string) => ({ purpose: "allowed consent", context: sessionToken });

/** The consent that waits for a link, if it belongs to this session. */
export async function openAllowedConsent(
  { keys }: Deps,
  sessionToken: string,
  sealed: string,
): Promise<AllowedConsent | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, use(sessionToken), sealed));
  return parsed.success ? parsed.data : null;
}

/**
 * Sends the browser on with what the person allowed. If a granted scope needs an account that isn't linked, that is the
 * page that asks to link one. Otherwise it is the client, with a code whose lifetime only begins now (OAuth 2.1
 * §4.1.2).
 */
export async function finishAuthorization(
  deps: Deps,
  sessionToken: string,
  consent: AllowedConsent,
): Promise<{ readonly location: string }> {
  const { form, scopes, familySeconds } = consent;
  const session = { digest: await sha256(sessionToken), idleSeconds: deps.config.lifetimes.sessionIdleSeconds };
  const { clientId, resourceId } = form;
  const detour = await makeDetour(deps, session, {
    ...{ clientId, resourceId, skipped: consent.skipped },
    needs: scopes.flatMap((scope) => form.needs[scope] ?? []),
    pending: () => sealEnvelope(deps.keys, use(sessionToken), consent),
  });
  if (detour) return detour;
  const code = {
    ...form,
    ...{ scopes, familySeconds, session },
    digest: await sha256(form.code),
    lifetimeSeconds: deps.config.lifetimes.codeSeconds,
    userAgent: deps.caller.userAgent,
  };
  if (!(await insertAuthorizationCode(deps.db, code, deps.actor))) {
    throw startOver("It has already been answered, you were signed out, or the app has changed meanwhile.");
  }
  return { location: codeLocation(restoreTarget(form, deps.config.issuer), form.code) };
}

export const startOver = (why: string) =>
  new OAuthError(
    "invalid_request",
    `This request can no longer be answered. ${why} Go back to the app and start again.`,
    { reason: "already_answered" },
  );
