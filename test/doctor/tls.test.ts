import type { TlsOptions } from "node:tls";
import { expect, test } from "vitest";
import { createReport } from "../../src/doctor/report.ts";
import { walkServer } from "../../src/doctor/walk.ts";
import { proberFor } from "../support/doctor.ts";
import { createCertificate, startHttps } from "../support/https-front.ts";
import { startModelServer } from "../support/model-server/model-server.ts";

/** What the doctor finds about the TLS of a server, and which connections it counted. */
async function examineTls(days: number, options?: TlsOptions) {
  const model = await startModelServer();
  const front = await startHttps(await createCertificate(days), () => model.origin, options);
  const prober = proberFor(front.url);
  const evidence = await walkServer(new URL(`${front.url}/mcp`), prober, { readOnly: true });
  await front.stop();
  await model.stop();
  const of = (id: string) => createReport(evidence).findings.find((each) => each.id === id);
  return {
    ...{ tls: of("transport-tls"), certificate: of("transport-certificate") },
    inspected: prober.requests.filter((request) => request.startsWith("TLS ")),
    host: new URL(front.url).host,
  };
}

test("D2 a certificate that is valid for long and a current version of TLS are no findings", async () => {
  const { tls, certificate, inspected, host } = await examineTls(90);
  expect([tls?.outcome, certificate?.outcome]).toEqual(["pass", "pass"]);
  expect(inspected).toEqual([`TLS ${host}`]);
});

test.each([13, -0.5])("D2 a certificate that has %d days left is a warning", async (days) => {
  const { certificate, host } = await examineTls(days);
  expect(certificate).toMatchObject({ outcome: "warn" });
  expect(certificate?.seen).toContain(`the certificate of ${host} ends 20`);
});

test("D2 a server that supports nothing newer than TLS 1.1 is reported", async () => {
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  const { tls, host } = await examineTls(90, old);
  expect(tls).toMatchObject({ outcome: "fail", seen: `${host} speaks TLSv1.1` });
});
