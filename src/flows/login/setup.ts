import type { Deps } from "../../deps.ts";
import { sha256 } from "../../lib/hash.ts";
import { hashPassword } from "../../lib/password.ts";
import { findPasswordProblem } from "../../lib/password-policy.ts";
import * as z from "../../lib/schema.ts";
import { isPlausibleToken } from "../../lib/token.ts";
import { TOKEN_KIND } from "../../oauth/token-kind.ts";
import type { SignInButton } from "../../store/providers.ts";
import { consumeSetupLink, findSetupLink, type SetupCredential, type SetupLink } from "../../store/setup-links.ts";
import { offerNewPasskey, verifyNewPasskey } from "./new-passkey.ts";
import { type LoginCookies, mintSession, type SignInCookies } from "./new-session.ts";
import type { PasskeyAnswer, PasskeyOffer } from "./passkey.ts";
import { readSignInProviders } from "./provider.ts";
import { accountKey, sealRememberedBrowser } from "./remembered-browser.ts";

/** An opened link: the account that it sets up, and an offer to make a passkey for it. */
export type OpenedLink = {
  readonly isReset: boolean;
  /** Null if the person may choose. */
  readonly email: string | null;
  /** Null until the address is known. */
  readonly offer: PasskeyOffer | null;
  /** The providers with which the invitation can be accepted. */
  readonly providers: readonly SignInButton[];
};

/** What the person chose. */
export type SetupChoice =
  | { readonly method: "password"; readonly password: string }
  | { readonly method: "passkey"; readonly answer: PasskeyAnswer };

/** Looks at a link without using it up. Null if it isn't good. `email` is the address that the person typed, if any. */
export async function openSetupLink(deps: Deps, code: string, email: string): Promise<OpenedLink | null> {
  const link = await findLink(deps, code);
  if (!link) return null;
  const whose = link.email ?? readEmail(email);
  const person = { id: link.userId ?? crypto.randomUUID(), email: whose ?? "" };
  const offer = whose === null ? null : await offerNewPasskey(deps, boundTo(code), person, []);
  return { isReset: link.userId !== null, email: whose, offer, providers: await listInviting(deps, link) };
}

/** A provider can only prove an address that the owner named, and can't give anybody their own account back. */
async function listInviting(deps: Deps, { email, userId }: SetupLink): Promise<readonly SignInButton[]> {
  if (email === null || userId !== null) return [];
  return (await readSignInProviders(deps)).filter(({ admitsInvited }) => admitsInvited);
}

/** A sentence about the problem, and the field that has it, if one does. */
type Refused = { readonly problem: string; readonly field?: "email" | "password" };

/** Uses a link up and signs the person in, unless there is a problem. */
export async function useSetupLink(
  deps: Deps,
  code: string,
  email: string,
  choice: SetupChoice,
  cookies: LoginCookies,
): Promise<SignInCookies | Refused> {
  const link = await findLink(deps, code);
  if (!link) return { problem: "This link no longer works. Ask for a new one." };
  const address = link.email ?? readEmail(email);
  if (address === null) return { problem: "Enter a valid email address.", field: "email" };
  const chosen = await readChoice(deps, code, choice);
  if ("problem" in chosen) return chosen;
  const { token, session } = await mintSession(deps, cookies);
  const actor = deps.actor;
  const setup = {
    digest: await sha256(code),
    newUserId: chosen.userId ?? crypto.randomUUID(),
    email: address,
    credential: chosen.credential,
    session,
  };
  switch (await consumeSetupLink(deps.db, setup, actor)) {
    case "done":
      return {
        session: token,
        browser: await sealRememberedBrowser(deps, await accountKey(deps, address), actor.now.getTime()),
      };
    case "taken":
      return { problem: "An account with this address already exists." };
    case "void":
      return { problem: "This link no longer works. Ask for a new one." };
  }
}

type Chosen = { readonly credential: SetupCredential; readonly userId: string | null };

async function readChoice(deps: Deps, code: string, choice: SetupChoice): Promise<Chosen | Refused> {
  if (choice.method === "password") {
    const problem = findPasswordProblem(choice.password);
    if (problem) return { problem, field: "password" };
    return { credential: { method: "password", passwordHash: await hashPassword(choice.password) }, userId: null };
  }
  const made = await verifyNewPasskey(deps, boundTo(code), choice.answer, "");
  if (!made) return { problem: "That passkey could not be read. Try again." };
  const { passkey, challenge, userId } = made;
  return { credential: { method: "passkey", passkey, challenge }, userId };
}

async function findLink({ db, keys, now }: Deps, code: string): Promise<SetupLink | null> {
  if (!(await isPlausibleToken(keys, TOKEN_KIND.setupLink, code))) return null;
  return findSetupLink(db, await sha256(code), now());
}

function readEmail(text: string): string | null {
  const parsed = z.email().check(z.maxLength(320)).safeParse(text.trim().toLowerCase());
  return parsed.success ? parsed.data : null;
}

const boundTo = (code: string) => ({ purpose: "register", boundTo: code }) as const;
