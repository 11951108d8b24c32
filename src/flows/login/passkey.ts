import type { verifyAuthenticationResponse } from "@simplewebauthn/server";
import { decode } from "jose/base64url";
import type { Deps } from "../../deps.ts";
import { parseJson } from "../../lib/json.ts";
import * as z from "../../lib/schema.ts";
import { findPasskey, type Passkey } from "../../store/passkeys.ts";
import { insertSession } from "../../store/sessions.ts";
import { issueChallenge, openChallenge } from "./challenge.ts";
import { type LoginCookies, mintSession, type SignInCookies } from "./new-session.ts";
import { accountKey, sealRememberedBrowser } from "./remembered-browser.ts";

/** What a page needs to ask for a passkey: options for the browser, and the challenge to send back. */
export type PasskeyOffer = { readonly options: string; readonly challenge: string };

/** What the page sends back. */
export type PasskeyAnswer = { readonly credential: string; readonly challenge: string };

const credentialSchema = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(2000)),
  rawId: z.string().check(z.maxLength(2000)),
  type: z.literal("public-key"),
  response: z.record(z.string(), z.unknown()),
  clientExtensionResults: z._default(z.record(z.string(), z.unknown()), {}),
});

/** The credential that a form carries as JSON (WebAuthn Level 3 §5.1.8), or null. */
export function readCredential<T>(json: string): T | null {
  try {
    return credentialSchema.parse(parseJson(json)) as T;
  } catch {
    return null;
  }
}

/** The relying party: this server, by the host of its issuer (WebAuthn Level 3 §5.4.2). */
export const relyingParty = ({ config }: Deps) => {
  const { hostname, origin } = new URL(config.issuer);
  return { id: hostname, origin, name: config.name };
};

/** Offers to sign in with any passkey that the browser has for this server (WebAuthn Level 3 §7.2). */
export async function offerPasskey(deps: Deps, browser: string): Promise<PasskeyOffer> {
  const { challenge, sealed } = await issueChallenge(deps, { purpose: "sign in", boundTo: browser });
  const { generateAuthenticationOptions } = await import("./webauthn.ts");
  const options = await generateAuthenticationOptions({
    rpID: relyingParty(deps).id,
    challenge: new Uint8Array(decode(challenge)),
    userVerification: "required",
  });
  return { options: JSON.stringify(options), challenge: sealed };
}

/**
 * Signs a person in by passkey. Null if it isn't one of ours or doesn't verify. Passkeys have no lockout, since there
 * is nothing to guess. The challenge is bound to this browser, and the statement that starts the session spends it.
 */
export async function signInWithPasskey(
  deps: Deps,
  browser: string,
  answer: PasskeyAnswer,
  cookies: LoginCookies,
): Promise<SignInCookies | null> {
  const challenge = await openChallenge(deps, { purpose: "sign in", boundTo: browser }, answer.challenge);
  const response = readCredential<Assertion>(answer.credential);
  if (!challenge || !response) return null;
  const passkey = await findPasskey(deps.db, response.id);
  const verified = passkey && (await verify(deps, response, passkey, challenge.challenge));
  if (!verified) return null;
  const { token, session } = await mintSession(deps, cookies);
  const proof = {
    method: "passkey",
    passkeyId: passkey.id,
    signatureCounter: verified.newCounter,
    backedUp: verified.credentialBackedUp,
    challenge: challenge.answered,
  } as const;
  if (!(await insertSession(deps.db, session, proof, deps.actor))) return null;
  const account = await accountKey(deps, passkey.email);
  return { session: token, browser: await sealRememberedBrowser(deps, account, passkey.passwordChangedAt) };
}

type Assertion = Parameters<typeof verifyAuthenticationResponse>[0]["response"];

async function verify(deps: Deps, response: Assertion, passkey: Passkey, challenge: string) {
  const { id, origin } = relyingParty(deps);
  try {
    const { verifyAuthenticationResponse } = await import("./webauthn.ts");
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(decode(passkey.publicKey)),
        counter: passkey.signatureCounter,
      },
    });
    return verified ? authenticationInfo : null;
  } catch {
    // Whatever the browser sent wrong, it isn't a sign-in.
    return null;
  }
}
