/**
 * The parts of the WebAuthn library that are used. They are imported here, and only when needed: the library is a tenth
 * of what an isolate would evaluate before its first answer, and most isolates never see a passkey.
 */
export {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
export { decodeAttestationObject, isoBase64URL } from "@simplewebauthn/server/helpers";
