import type { verifyRegistrationResponse } from "@simplewebauthn/server";
import { decode } from "jose/base64url";
import type { Deps } from "../../deps.ts";
import type { AnsweredChallenge, NewPasskey } from "../../store/passkeys.ts";
import { type ChallengeUse, issueChallenge, openChallenge } from "./challenge.ts";
import { type PasskeyAnswer, type PasskeyOffer, readCredential, relyingParty } from "./passkey.ts";

/** Offers to make a passkey for somebody (WebAuthn Level 3 §7.1), except on a device that already has one. */
export async function offerNewPasskey(
  deps: Deps,
  use: ChallengeUse,
  { id, email }: { readonly id: string; readonly email: string },
  existing: readonly { readonly id: string }[],
): Promise<PasskeyOffer> {
  const party = relyingParty(deps);
  const { challenge, sealed } = await issueChallenge(deps, use, id);
  const { generateRegistrationOptions } = await import("./webauthn.ts");
  const options = await generateRegistrationOptions({
    rpID: party.id,
    rpName: party.name,
    userID: new Uint8Array(new TextEncoder().encode(id)),
    userName: email,
    challenge: new Uint8Array(decode(challenge)),
    attestationType: "none",
    excludeCredentials: existing.map((passkey) => ({ id: passkey.id })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
  return { options: JSON.stringify(options), challenge: sealed };
}

type VerifiedPasskey = {
  readonly passkey: NewPasskey;
  readonly challenge: AnsweredChallenge;
  /** The person whom it was made for. */
  readonly userId: string;
};

/**
 * Verifies a new passkey from an authenticator (WebAuthn Level 3 §7.1). Null if it doesn't answer a challenge of this
 * use.
 */
export async function verifyNewPasskey(
  deps: Deps,
  use: ChallengeUse,
  answer: PasskeyAnswer,
  name: string,
): Promise<VerifiedPasskey | null> {
  const challenge = await openChallenge(deps, use, answer.challenge);
  const response = readCredential<Parameters<typeof verifyRegistrationResponse>[0]["response"]>(answer.credential);
  if (!challenge || !response) return null;
  const { id, origin } = relyingParty(deps);
  try {
    if (await hasCertificates(response.response.attestationObject)) return null;
    const { verifyRegistrationResponse } = await import("./webauthn.ts");
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge.challenge,
      expectedOrigin: origin,
      expectedRPID: id,
    });
    if (!verified) return null;
    const { aaguid, credential, credentialBackedUp } = registrationInfo;
    const passkey = {
      id: credential.id,
      name: name.trim().slice(0, 100).toWellFormed() || null,
      aaguid,
      publicKey: credential.publicKey,
      signatureCounter: credential.counter,
      transports: (credential.transports ?? []).slice(0, 10).map((transport) => String(transport).slice(0, 50)),
      backedUp: credentialBackedUp,
    };
    return { passkey, challenge: challenge.answered, userId: challenge.userId };
  } catch {
    // Whatever the browser sent wrong, it didn't make a passkey.
    return null;
  }
}

/**
 * Whether an authenticator vouches for itself by more than its own key. We don't ask for that, so no browser sends it.
 * Verifying it would fetch the revocation lists that its certificates name, at any address.
 */
async function hasCertificates(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject, isoBase64URL } = await import("./webauthn.ts");
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = decoded.get("fmt");
  return format !== "none" && !(format === "packed" && decoded.get("attStmt").get("x5c") === undefined);
}
