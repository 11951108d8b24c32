import { connect } from "node:tls";

/** What a server's TLS shows before anything is sent. */
export type TlsSeen = {
  readonly host: string;
  /** Such as `TLSv1.3`. Null if there was no connection. */
  readonly protocol: string | null;
  readonly validTo: Date | null;
};

/**
 * Connects and sends nothing. Whether clients trust the certificate shows in their requests, so any is accepted here, and old versions of TLS too, since they couldn't be reported otherwise.
 */
export function inspectTls({ hostname, port, host }: URL, timeoutMs: number): Promise<TlsSeen> {
  const name = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({
      host: name,
      port: Number(port || 443),
      ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
      rejectUnauthorized: false,
      minVersion: "TLSv1",
      ciphers: "DEFAULT@SECLEVEL=0",
      timeout: timeoutMs,
    });
    const end = (protocol: string | null, validTo: Date | null) => {
      socket.destroy();
      resolve({ host, protocol, validTo });
    };
    socket.once("secureConnect", () => {
      const { valid_to: validTo } = socket.getPeerCertificate();
      end(socket.getProtocol(), validTo ? new Date(validTo) : null);
    });
    socket.once("timeout", () => end(null, null)).once("error", () => end(null, null));
  });
}
