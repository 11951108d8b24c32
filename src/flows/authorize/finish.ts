import * as z from "zod";
import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { sha256 } from "../../lib/hash.ts";
import { mintToken } from "../../lib/token.ts";
import { codeLocation, restoreTarget } from "../../oauth/authorization-request.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import { insertAuthorizationCode } from "../../store/authorization-codes.ts";
import { insertConnectDetour } from "../../store/connect-requests.ts";
import { consentForm } from "./consent-form.ts";

/** What the person allowed, on its way to the code; accounts may have to be linked before. */
const schema = z.object({
  form: consentForm,
  scopes: z.array(z.string()),
  familySeconds: z.number(),
  /** Providers that the person doesn't want to link an account at now. */
  skipped: z.array(z.string()),
});

export type AllowedConsent = z.output<typeof schema>;

const use = (sessionToken: string) => ({ purpose: "allowed consent", context: sessionToken });

/** The consent that waits for a link, if it is this session's. */
export async function openAllowedConsent(
  { keys }: Deps,
  sessionToken: string,
  sealed: string,
): Promise<AllowedConsent | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, use(sessionToken), sealed));
  return parsed.success ? parsed.data : null;
}

/**
 * Sends the browser on with what the person allowed: to the page that asks to link an account, where a granted scope needs one
 * that isn't there, or back to the client with the code, whose lifetime begins only now (OAuth 2.1 §4.1.2).
 */
export async function finishAuthorization(
  deps: Deps,
  sessionToken: string,
  consent: AllowedConsent,
): Promise<{ readonly location: string }> {
  const { form, scopes, familySeconds } = consent;
  const session = { digest: await sha256(sessionToken), idleSeconds: deps.config.lifetimes.sessionIdleSeconds };
  const needs = mergeNeeds(scopes.flatMap((scope) => form.needs[scope] ?? []));
  if (needs.length > 0) {
    const link = await mintToken(deps.keys, TOKEN_KIND.connectLink);
    const detour = {
      digest: await sha256(link),
      session,
      clientId: form.clientId,
      resourceId: form.resourceId,
      needs,
      skipped: consent.skipped,
      pending: await sealEnvelope(deps.keys, use(sessionToken), consent),
    };
    if (await insertConnectDetour(deps.db, detour, deps.actor)) {
      return { location: `${deps.config.issuer}/connect/${link}` };
    }
  }
  const code = {
    ...form,
    ...{ scopes, familySeconds, session },
    digest: await sha256(form.code),
    lifetimeSeconds: deps.config.lifetimes.codeSeconds,
    userAgent: deps.caller.userAgent,
  };
  if (!(await insertAuthorizationCode(deps.db, code, deps.actor))) {
    throw startOver("It was answered already, you were signed out, or the app has changed meanwhile.");
  }
  return { location: codeLocation(restoreTarget(form, deps.config.issuer), form.code) };
}

type Need = { readonly provider: string; readonly scopes: readonly string[] };

function mergeNeeds(needs: readonly Need[]): Need[] {
  const providers = [...new Set(needs.map(({ provider }) => provider))];
  return providers.map((provider) => ({
    provider,
    scopes: [...new Set(needs.filter((need) => need.provider === provider).flatMap(({ scopes }) => scopes))],
  }));
}

export const startOver = (why: string) =>
  new OAuthError(
    "invalid_request",
    `This request can no longer be answered. ${why} Go back to the app and start again.`,
    { reason: "already_answered" },
  );
