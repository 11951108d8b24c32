import "reflect-metadata";
import { request } from "node:http";
import { createServer } from "node:https";
import { getCACertificates, setDefaultCACertificates, type TlsOptions } from "node:tls";
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { findFreePort } from "../../src/dev/ports.ts";

type Certificate = { readonly key: string; readonly cert: string };

const DAY_MS = 24 * 3600 * 1000;

let kept: Promise<Certificate> | null = null;

/** The certificate of this machine. This process trusts it from then on, and others do by NODE_EXTRA_CA_CERTS. */
export function findCertificate(): Promise<Certificate> {
  // One certificate for all test files of a process, since connections keep the roots that they started with.
  kept ??= createCertificate();
  return kept;
}

/** A certificate of this machine that is valid for so many days. */
export async function createCertificate(days = 365): Promise<Certificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
    keys,
    signingAlgorithm: { ...algorithm, hash: "SHA-256" },
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const cert = certificate.toString("pem");
  const der = Buffer.from((await crypto.subtle.exportKey("pkcs8", keys.privateKey)) as ArrayBuffer);
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  setDefaultCACertificates([...getCACertificates(), cert]);
  return { key, cert };
}

/** Speaks https for a server of this machine, as Cloudflare and Upstash do. */
export async function startHttps(certificate: Certificate, target: () => string, options: TlsOptions = {}) {
  const port = await findFreePort();
  const server = createServer({ ...certificate, ...options }, (incoming, outgoing) => {
    const { method = "GET", headers, url = "/" } = incoming;
    const forwarded = request(`${target()}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  return {
    url: `https://localhost:${port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
