import { DER } from "@noble/curves/abstract/der.js";
import { expect, test } from "vitest";
import { AsnParser, OctetString } from "../../src/lib/ecdsa-signature.ts";

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

test("RFC 3279 §2.2.3: r and s are read as they were signed, without the zeros of the encoding", async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { privateKey } = (await crypto.subtle.generateKey(algorithm, false, ["sign"])) as CryptoKeyPair;
  for (let n = 0; n < 300; n++) {
    const signed = hex(
      new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, new Uint8Array([n]))),
    );
    const [r, s] = [signed.slice(0, 64), signed.slice(64)];
    const read = AsnParser.parse(fromHex(DER.hexFromSig({ r: BigInt(`0x${r}`), s: BigInt(`0x${s}`) })));
    expect([hex(read.r).padStart(64, "0"), hex(read.s).padStart(64, "0")]).toEqual([r, s]);
  }
});

test.each([
  ["an attestation's octet string", "0410000102030405060708090a0b0c0d0e0f"],
  ["a certificate", "30223020a003020102020101300a06082a8648ce3d0403023000300030003000300a0608"],
])("RFC 3279 §2.2.3: %s is not a signature", (_, der) => {
  expect(() => AsnParser.parse(fromHex(der))).toThrow();
  expect(OctetString).toBeUndefined();
});
