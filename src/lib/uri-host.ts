const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Where a URI leads, as a policy names it: a host as browsers resolve it, without port and closing dot; `loopback` for http on this
 * machine; or a scheme with its colon, that an app on the device claims. Null for what is no URI.
 */
export function hostOfUri(uri: string): string | null {
  if (!URL.canParse(uri)) return null;
  const { protocol, hostname } = new URL(uri);
  if (protocol === "http:" && LOOPBACK.includes(hostname)) return "loopback";
  if (protocol !== "https:" && protocol !== "http:") return protocol;
  return hostname.replace(/\.+$/, "");
}

/** The same of several, each once. */
export const hostsOfUris = (uris: readonly string[]): string[] => [
  ...new Set(uris.map(hostOfUri).filter((host) => host !== null)),
];
