import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import * as z from "../../lib/schema.ts";

export const needsOfScopes = z.record(
  z.string(),
  z.array(z.object({ provider: z.string(), scopes: z.array(z.string()) })),
);

/**
 * The exact request that a consent page shows. The page carries it sealed and bound to the session, so that a decision
 * can't be moved to another request, another person or another sign-in. Its authorization code is made with it, so that
 * submitting it twice issues one code.
 */
export const consentForm = z.object({
  code: z.string(),
  clientId: z.string(),
  clientFingerprint: z.string(),
  resourceId: z.string(),
  scopes: z.array(z.string()),
  redirectUri: z.string(),
  state: z.nullable(z.string()),
  codeChallenge: z.string(),
  dpopJkt: z.nullable(z.string()),
  /** The durations that the person may choose from, in seconds, longest first. */
  durations: z.array(z.number()),
  /** The provider scopes that each scope needs, including what it implies. */
  needs: needsOfScopes,
  /** Milliseconds since 1970. */
  shownAt: z.number(),
});

type ConsentForm = z.output<typeof consentForm>;

const MAX_AGE_MS = 60 * 60 * 1000;
const use = (sessionToken: string) => ({ purpose: "consent form", context: sessionToken });

export const sealConsentForm = ({ keys }: Deps, sessionToken: string, form: ConsentForm): Promise<string> =>
  sealEnvelope(keys, use(sessionToken), form);

/** The request that a form carries. Null if the form is another session's, isn't ours, or is over an hour old. */
export async function openConsentForm(
  { keys, now }: Deps,
  sessionToken: string,
  sealed: string,
): Promise<ConsentForm | null> {
  const parsed = consentForm.safeParse(await openEnvelope(keys, use(sessionToken), sealed));
  return parsed.success && now().getTime() - parsed.data.shownAt < MAX_AGE_MS ? parsed.data : null;
}
