import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Signs client assertions (RFC 7523 §3) as ChatGPT does, with RS256 and a lifetime of a minute. */
export type AssertionSigner = {
  readonly algorithm: "RS256";
  readonly publicKey: JWK;
  sign(clientId: string, audience: string): Promise<string>;
};

export async function createSigner(): Promise<AssertionSigner> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const kid = crypto.randomUUID();
  return {
    algorithm: "RS256",
    publicKey: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" },
    sign: (clientId, audience) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "RS256", kid })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(audience)
        .setJti(crypto.randomUUID())
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(privateKey),
  };
}
