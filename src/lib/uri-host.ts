const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Where a URI leads, in the form that rules use: a host as browsers resolve it, without port and closing dot,
 * `loopback` for http on this machine, or an app's scheme with its colon. Null if it isn't a URI.
 */
export function hostOfUri(uri: string): string | null {
  if (!URL.canParse(uri)) return null;
  const { protocol, hostname } = new URL(uri);
  if (protocol === "http:" && LOOPBACK.includes(hostname)) return "loopback";
  if (protocol !== "https:" && protocol !== "http:") return protocol;
  return hostname.replace(/\.+$/, "");
}

/** The same for several, without duplicates. */
export const hostsOfUris = (uris: readonly string[]): string[] => [
  ...new Set(uris.map(hostOfUri).filter((host) => host !== null)),
];
