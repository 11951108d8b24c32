import { DER } from "@noble/curves/abstract/der.js";
import { numberToVarBytesBE } from "@noble/curves/utils.js";

/**
 * Stands in the bundle for `@peculiar/asn1-schema` (see `alias` in wrangler.toml). Of all ASN.1, a passkey needs the two
 * numbers of an ECDSA signature (RFC 3279 §2.2.3), and whatever isn't exactly those in DER throws. The reader of all
 * ASN.1 was a tenth of the Worker, and took signatures with bytes after them.
 */
export const AsnParser = {
  parse(signature: Uint8Array): { readonly r: Uint8Array; readonly s: Uint8Array } {
    const { r, s } = DER.toSig(signature);
    return { r: numberToVarBytesBE(r), s: numberToVarBytesBE(s) };
  },
};

/** What reads certificates imports it, and never runs. */
export const OctetString = undefined;
