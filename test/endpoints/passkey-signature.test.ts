import { createHash } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import { describe, expect, test } from "vitest";
import { createHeadlessBrowser } from "../../src/dev/headless-browser.ts";
import { createAuthenticator, createPasskey, passkeyOptions } from "../support/authenticator.ts";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const { issuer } = gatehouse;
const openSecurity = async () => {
  const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
  return { browser, page: await browser.open(`${issuer}/account/security`) };
};

const { browser, page } = await openSecurity();
const authenticator = createAuthenticator();
await createPasskey(browser, page, "/account/passkeys", authenticator);

/** The status of a sign-in whose signature is turned into another one, or into no signature at all. */
async function signIn(change: (signature: Buffer) => Buffer | null): Promise<number> {
  const stranger = createHeadlessBrowser();
  const login = await stranger.open(`${issuer}/login`);
  for (let tries = 0; tries < 5000; tries++) {
    const credential = JSON.parse(authenticator.get(passkeyOptions(login, "/login/passkey"), issuer));
    const signature = change(Buffer.from(credential.response.signature, "base64url"));
    if (!signature) continue;
    credential.response.signature = signature.toString("base64url");
    return (await stranger.submit(login, "/login/passkey", { credential: JSON.stringify(credential) })).status;
  }
  throw new Error("No signature was of that shape.");
}

const tlv = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
/** The two integers of a signature, each as its DER holds it. */
const numbersOf = (signature: Buffer): readonly [Buffer, Buffer] => {
  const start = 4 + (signature[3] ?? 0);
  return [signature.subarray(4, start), signature.subarray(start + 2)];
};
const signatureOf = (r: Uint8Array, s: Uint8Array) => tlv(0x30, tlv(2, r), tlv(2, s));

/** Both numbers at the width of the curve, as Web Crypto wants them. */
const atFullWidth = (signature: Buffer): Buffer =>
  Buffer.concat(
    numbersOf(signature).map((number) => Buffer.concat([Buffer.alloc(32), number]).subarray(number.length)),
  );

const zero = Buffer.alloc(1);
const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");

describe("WebAuthn §6.5.5: the signature of a passkey is an ECDSA-Sig-Value in DER (RFC 3279 §2.2.3)", () => {
  test("WebAuthn §6.5.5: signatures with numbers of any width are accepted", async () => {
    expect(await signIn((signature) => signatureOf(...numbersOf(signature)))).toBe(200);
    for (const width of [31, 32, 33]) {
      expect(await signIn((signature) => (numbersOf(signature)[0].length === width ? signature : null))).toBe(200);
      expect(await signIn((signature) => (numbersOf(signature)[1].length === width ? signature : null))).toBe(200);
    }
  });

  test.each<[string, (signature: Buffer) => Buffer]>([
    ["an empty text", () => Buffer.alloc(0)],
    ["an empty sequence", () => tlv(0x30)],
    ["one number", (signature) => tlv(0x30, tlv(2, numbersOf(signature)[0]))],
    ["three numbers", (signature) => tlv(0x30, ...numbersOf(signature).map((number) => tlv(2, number)), tlv(2, zero))],
    ["a signature with a byte after it", (signature) => Buffer.concat([signature, zero])],
    ["a signature without its last byte", (signature) => signature.subarray(0, -1)],
    ["a set", (signature) => Buffer.concat([Buffer.from([0x31]), signature.subarray(1)])],
    ["octet strings", (signature) => tlv(0x30, ...numbersOf(signature).map((number) => tlv(4, number)))],
    ["a signature with empty numbers", () => signatureOf(Buffer.alloc(0), Buffer.alloc(0))],
    ["a signature of zeros", () => signatureOf(zero, zero)],
    ["the order of the curve", () => signatureOf(Buffer.concat([zero, order]), Buffer.concat([zero, order]))],
    ["a negative number", (signature) => signatureOf(Buffer.from([0xff]), numbersOf(signature)[1])],
    ["a number with a zero before it", (signature) => signatureOf(...pad(numbersOf(signature)))],
    ["a huge number", (signature) => signatureOf(Buffer.alloc(80, 1), numbersOf(signature)[1])],
    ["a length that is written too long", (signature) => Buffer.from([0x30, 0x81, ...signature.subarray(1)])],
    ["a length without end", (signature) => Buffer.from([0x30, 0x80, ...signature.subarray(2), 0, 0])],
    ["a length of 4 GB", (signature) => Buffer.from([0x30, 0x84, 255, 255, 255, 255, ...signature.subarray(2)])],
    ["the numbers without DER", atFullWidth],
    ["the numbers of a certificate", () => tlv(0x30, tlv(0x30, tlv(0x30, tlv(2, zero))))],
    ["a signature with its numbers swapped", (signature) => signatureOf(...reversed(numbersOf(signature)))],
  ])("WebAuthn §6.5.5: %s is refused as a signature", async (_, change) => {
    expect(await signIn(change)).toBe(400);
  });
});

const pad = ([r, s]: readonly [Buffer, Buffer]): [Buffer, Buffer] => [Buffer.concat([zero, zero, r]), s];
const reversed = ([r, s]: readonly [Buffer, Buffer]): [Buffer, Buffer] => [s, r];

describe("WebAuthn §8.2: self attestation of a passkey", () => {
  test.each<[string, (signature: Buffer) => Buffer, number]>([
    ["its own signature", (signature) => signature, 200],
    ["another's signature", () => createAuthenticator().sign(zero), 403],
    ["a signature with a byte after it", (signature) => Buffer.concat([signature, zero]), 403],
  ])("WebAuthn §8.2: the attestation is verified, whether it is %s", async (_, change, status) => {
    const fresh = await openSecurity();
    const key = createAuthenticator();
    const credential = JSON.parse(key.create(passkeyOptions(fresh.page, "/account/passkeys"), issuer));
    const bytesOf = (member: string) => Buffer.from(credential.response[member], "base64url");
    // Of an attestation in the format "none", the authenticator's data is what comes last.
    const authData = bytesOf("attestationObject").subarray(CBOR_BEFORE_DATA);
    const signed = Buffer.concat([authData, createHash("sha256").update(bytesOf("clientDataJSON")).digest()]);
    const statement = new Map<string, unknown>([
      ["alg", -7],
      ["sig", new Uint8Array(change(key.sign(signed)))],
    ]);
    const attestation = new Map<string, unknown>([
      ["fmt", "packed"],
      ["attStmt", statement],
    ]);
    attestation.set("authData", new Uint8Array(authData));
    credential.response.attestationObject = Buffer.from(isoCBOR.encode(attestation as never)).toString("base64url");
    const answer = await fresh.browser.submit(fresh.page, "/account/passkeys", {
      credential: JSON.stringify(credential),
    });
    expect(answer.status).toBe(status);
  });
});

const CBOR_BEFORE_DATA = "a363666d74646e6f6e656761747453746d74a068617574684461746158".length / 2 + 1;
