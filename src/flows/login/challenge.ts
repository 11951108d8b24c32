import type { Deps } from "../../deps.ts";
import { openEnvelope, sealEnvelope } from "../../lib/envelope.ts";
import { sha256 } from "../../lib/hash.ts";
import { randomBase64url } from "../../lib/random.ts";
import * as z from "../../lib/schema.ts";
import type { AnsweredChallenge } from "../../store/passkeys.ts";

/** A WebAuthn challenge that travels through a page, sealed. Nothing is stored until it is answered. */
export type Challenge = { readonly challenge: string; readonly userId: string };

/** What a challenge is for, and what the page that carries it belongs to: a browser, a session or a setup link. */
export type ChallengeUse = { readonly purpose: "sign in" | "register"; readonly boundTo: string };

const MAX_AGE_MS = 15 * 60 * 1000;

const schema = z.object({ challenge: z.string(), userId: z.string(), issuedAt: z.number() });
const envelope = ({ purpose, boundTo }: ChallengeUse) => ({ purpose: `passkey ${purpose}`, context: boundTo });

/** Makes a challenge for one person, or for anybody. */
export async function issueChallenge(
  { keys, now }: Deps,
  use: ChallengeUse,
  userId = "",
): Promise<{ readonly challenge: string; readonly sealed: string }> {
  const challenge = randomBase64url();
  const sealed = await sealEnvelope(keys, envelope(use), { challenge, userId, issuedAt: now().getTime() });
  return { challenge, sealed };
}

/** The challenge that a page sends back, with what spends it. Null if it is for another use or too old. */
export async function openChallenge(
  { keys, now }: Deps,
  use: ChallengeUse,
  sealed: string,
): Promise<(Challenge & { readonly answered: AnsweredChallenge }) | null> {
  const parsed = schema.safeParse(await openEnvelope(keys, envelope(use), sealed));
  if (!parsed.success) return null;
  const { challenge, userId, issuedAt } = parsed.data;
  const expiresAt = new Date(issuedAt + MAX_AGE_MS);
  if (expiresAt <= now()) return null;
  return { challenge, userId, answered: { digest: await sha256(challenge), expiresAt } };
}
