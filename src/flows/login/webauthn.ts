/**
 * What is used of the WebAuthn library. It is imported from here, and when it is used: with its reader of ASN.1 it is a third of
 * what an isolate would evaluate before its first answer, and most never meet a passkey.
 */
export {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
export { decodeAttestationObject, isoBase64URL } from "@simplewebauthn/server/helpers";
