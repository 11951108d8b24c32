import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { HeadlessBrowser, Page } from "../../src/dev/headless-browser.ts";

/** An authenticator in software, according to WebAuthn Level 3 §6, with one ES256 key, which it uses without asking. */
export type Authenticator = {
  readonly credentialId: string;
  /** Counts its signatures. */
  counter: number;
  /** Answers the creation options of a page's form. */
  create(options: string, origin: string): string;
  /** Answers request options. */
  get(options: string, origin: string, changes?: { readonly flags?: number; readonly rpId?: string }): string;
  /** An ECDSA signature in DER. */
  sign(data: Buffer): Buffer;
};

const PRESENT_VERIFIED = 0x05;
const ATTESTED = 0x40;

const base64url = (bytes: Buffer): string => bytes.toString("base64url");
const hash = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();

/** `aaguid` says which model it is. */
export function createAuthenticator(aaguid = "00000000-0000-0000-0000-000000000000"): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const id = randomBytes(16);
  let userHandle: string | null = null;

  const authenticatorData = (rpId: string, flags: number, counter: number, attested = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([hash(rpId), Buffer.from([flags]), count, attested]);
  };
  const clientData = (type: string, challenge: string, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const credential = (response: Record<string, unknown>) =>
    JSON.stringify({
      id: base64url(id),
      rawId: base64url(id),
      type: "public-key",
      response,
      clientExtensionResults: {},
      authenticatorAttachment: "platform",
    });

  const authenticator: Authenticator = {
    credentialId: base64url(id),
    counter: 1,
    create: (options, origin) => {
      const { challenge, rp, user } = JSON.parse(options);
      userHandle = user.id;
      // COSE_Key of an ES256 key, and an attestation object of format "none", in hand-written CBOR.
      const coordinates = [x, y].map((part) => Buffer.from(part, "base64url"));
      const coseKey = Buffer.concat([
        Buffer.from("a5010203262001215820", "hex"),
        coordinates[0] ?? id,
        Buffer.from("225820", "hex"),
        coordinates[1] ?? id,
      ]);
      const attested = Buffer.concat([
        Buffer.from(aaguid.replaceAll("-", ""), "hex"),
        Buffer.from([0, id.length]),
        id,
        coseKey,
      ]);
      const data = authenticatorData(rp.id, PRESENT_VERIFIED | ATTESTED, authenticator.counter, attested);
      const attestationObject = Buffer.concat([
        Buffer.from("a363666d74646e6f6e656761747453746d74a068617574684461746158", "hex"),
        Buffer.from([data.length]),
        data,
      ]);
      return credential({
        clientDataJSON: base64url(clientData("webauthn.create", challenge, origin)),
        attestationObject: base64url(attestationObject),
        transports: ["internal"],
      });
    },
    get: (options, origin, { flags = PRESENT_VERIFIED, rpId } = {}) => {
      const { challenge, rpId: asked } = JSON.parse(options);
      authenticator.counter++;
      const data = authenticatorData(rpId ?? asked, flags, authenticator.counter);
      const client = clientData("webauthn.get", challenge, origin);
      return credential({
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(authenticator.sign(Buffer.concat([data, hash(client)]))),
        userHandle,
      });
    },
    sign: (data) => sign("sha256", data, privateKey),
  };
  return authenticator;
}

/** The options in the form with this action. */
export const passkeyOptions = (page: Page, action: string): string =>
  page.html.querySelectorAll("form[data-passkey]").find((form) => form.getAttribute("action")?.endsWith(action))
    ?.attributes["data-options"] ?? "";

/** Makes a passkey on a page that offers it. */
export const createPasskey = (browser: HeadlessBrowser, page: Page, action: string, authenticator: Authenticator) =>
  browser.submit(page, action, { credential: authenticator.create(passkeyOptions(page, action), page.url.origin) });

/** Signs in by passkey on the login page. */
export const usePasskey = (browser: HeadlessBrowser, page: Page, authenticator: Authenticator) =>
  browser.submit(page, "/login/passkey", {
    credential: authenticator.get(passkeyOptions(page, "/login/passkey"), page.url.origin),
  });
