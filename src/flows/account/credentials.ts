import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { hashPassword } from "../../lib/password.ts";
import { findPasswordProblem } from "../../lib/password-policy.ts";
import { mintRecoveryCode } from "../../lib/recovery-code.ts";
import { type Credentials, findCredentials, replaceRecoveryCodes, updatePassword } from "../../store/credentials.ts";
import {
  deletePasskey,
  insertPasskey,
  type ListedPasskey,
  listPasskeys,
  updatePasskeyName,
} from "../../store/passkeys.ts";
import type { ChallengeUse } from "../login/challenge.ts";
import { offerNewPasskey, verifyNewPasskey } from "../login/new-passkey.ts";
import type { PasskeyAnswer, PasskeyOffer } from "../login/passkey.ts";
import { accountKey, sealRememberedBrowser } from "../login/remembered-browser.ts";
import { isFresh, type Session } from "../login/session.ts";

const RECOVERY_CODES = 8;

/** The credentials of a person, and an offer to add a passkey if the sign-in is fresh enough to change any of them. */
export type CredentialView = Credentials & {
  readonly passkeys: readonly ListedPasskey[];
  readonly offer: PasskeyOffer | null;
};

export async function readCredentials(deps: Deps, session: Session): Promise<CredentialView> {
  const [credentials, passkeys] = await Promise.all([
    findCredentials(deps.db, session.userId),
    listPasskeys(deps.db, session.userId),
  ]);
  const person = { id: session.userId, email: session.email };
  const offer = isFresh(deps, session) ? await offerNewPasskey(deps, boundTo(session), person, passkeys) : null;
  return { ...credentials, passkeys, offer };
}

export async function addPasskey(deps: Deps, session: Session, answer: PasskeyAnswer, name: string): Promise<boolean> {
  const made = await verifyNewPasskey(deps, boundTo(session), answer, name);
  return made !== null && (await insertPasskey(deps.db, made.passkey, made.challenge, deps.actor));
}

export const renamePasskey = ({ db, actor }: Deps, id: string, name: string): Promise<boolean> =>
  updatePasskeyName(db, id, name.toWellFormed(), actor);

export const removePasskey = ({ db, actor }: Deps, id: string): Promise<boolean> => deletePasskey(db, id, actor);

/**
 * Changes the password. Returns a sentence about the problem if the new one isn't acceptable, and otherwise a new
 * browser cookie, since the old one ended with the old password.
 */
export async function changePassword(
  deps: Deps,
  session: Session,
  password: string,
): Promise<{ readonly browser: string } | { readonly problem: string }> {
  const problem = findPasswordProblem(password);
  if (problem) return { problem };
  if (!(await updatePassword(deps.db, await hashPassword(password), deps.actor))) {
    return { problem: "You signed in too long ago to change this. Sign in again." };
  }
  return {
    browser: await sealRememberedBrowser(deps, await accountKey(deps, session.email), deps.actor.now.getTime()),
  };
}

/** Makes recovery codes, which are shown this once. Null if the person may not. */
export async function makeRecoveryCodes({ db, actor }: Deps): Promise<readonly string[] | null> {
  const codes = Array.from({ length: RECOVERY_CODES }, mintRecoveryCode);
  const digests = await Promise.all(codes.map(sha256));
  return (await replaceRecoveryCodes(db, digests, actor)) ? codes : null;
}

const boundTo = ({ sessionId }: Session): ChallengeUse => ({ purpose: "register", boundTo: sessionId });
