import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import {
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  cryptoProvider,
  Extension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import { expect, test } from "vitest";
import { passkeyOptions } from "../support/authenticator.ts";
import { createInternet } from "../support/internet.ts";
import { ownScene } from "../support/scene.ts";

const internet = createInternet();
const { issuer, browser } = await ownScene({ outbound: internet.outbound });

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
const integer = (value: number) => der(2, Buffer.from([value]));
const enumerated = (value: number) => der(10, Buffer.from([value]));

/** A certificate for an Android key, and the root that signed it. The lists that might revoke it are at `url`. */
async function createChain(clientDataHash: Buffer, url: string) {
  cryptoProvider.set(crypto);
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const createKeys = () =>
    crypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
  const [rootKeys, keys] = [await createKeys(), await createKeys()];
  const validity = { notBefore: new Date(Date.now() - 1e8), notAfter: new Date(Date.now() + 1e9), signingAlgorithm };
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: "01",
    name: "CN=A root of one's own",
    keys: rootKeys,
    extensions: [new BasicConstraintsExtension(true, 2, true)],
  });
  const empty = [der(4), der(0x30), der(0x30)];
  const description = der(0x30, integer(3), enumerated(1), integer(4), enumerated(1), der(4, clientDataHash), ...empty);
  const leaf = await X509CertificateGenerator.create({
    ...validity,
    serialNumber: "02",
    subject: "CN=leaf",
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    extensions: [
      new Extension("1.3.6.1.4.1.11129.2.1.17", false, new Uint8Array(description)),
      new CRLDistributionPointsExtension([url]),
    ],
  });
  const { x = "", y = "" } = (await crypto.subtle.exportKey("jwk", keys.publicKey)) as JsonWebKey;
  const coseKey = Buffer.concat([
    Buffer.from("a5010203262001215820", "hex"),
    Buffer.from(x, "base64url"),
    Buffer.from("225820", "hex"),
    Buffer.from(y, "base64url"),
  ]);
  return { coseKey, x5c: [leaf, root].map(({ rawData }) => new Uint8Array(rawData)) };
}

test("a new passkey never makes the server fetch a URL, whatever its certificates name", async () => {
  const url = "http://169.254.169.254:8080/latest/meta-data";
  const page = await browser.open(`${issuer}/account/security`);
  const { challenge, rp } = JSON.parse(passkeyOptions(page, "/account/passkeys"));
  const client = Buffer.from(
    JSON.stringify({ type: "webauthn.create", challenge, origin: issuer, crossOrigin: false }),
  );
  const { coseKey, x5c } = await createChain(createHash("sha256").update(client).digest(), url);
  const id = randomBytes(16);
  const authData = Buffer.concat([
    createHash("sha256").update(rp.id).digest(),
    Buffer.from("4500000001", "hex"),
    Buffer.alloc(16),
    Buffer.from([0, id.length]),
    id,
    coseKey,
  ]);
  const attestation = new Map<string, unknown>([
    ["fmt", "android-key"],
    [
      "attStmt",
      new Map<string, unknown>([
        ["alg", -7],
        ["sig", new Uint8Array(randomBytes(70))],
        ["x5c", x5c],
      ]),
    ],
    ["authData", new Uint8Array(authData)],
  ]);
  const credential = JSON.stringify({
    id: id.toString("base64url"),
    rawId: id.toString("base64url"),
    type: "public-key",
    response: {
      clientDataJSON: client.toString("base64url"),
      attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString("base64url"),
      transports: [],
    },
    clientExtensionResults: {},
  });
  const answer = await browser.submit(page, "/account/passkeys", { credential });
  expect(answer.status).toBe(403);
  expect(internet.asked(url)).toBe(0);
});
