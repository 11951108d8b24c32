/**
 * The characters that RFC 3986 allows in a URI. Different parsers read any other (a backslash, a space, a tab)
 * differently.
 */
const URI_CHARACTERS = /^[\w.~:/?[\]@!$&'()*+,;=%-]+$/;
const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);
const MAX_LENGTH = 2000;

/**
 * What is wrong with a redirect URI that a client wants to register, or null. Schemes are an allow-list: https, http on
 * loopback (RFC 8252 §7.3), private-use ones with a dot (RFC 8252 §7.1) or by configuration (`cursor`).
 */
export function findRedirectUriProblem(uri: string, privateUseSchemes: readonly string[]): string | null {
  if (uri.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (uri.includes("#")) return "has a fragment";
  if (!URI_CHARACTERS.test(uri) || !URL.canParse(uri)) return "is not an absolute URI";
  const { protocol, hostname, username, password } = new URL(uri);
  if (username || password) return "has userinfo";
  if (protocol === "https:" || protocol === "http:") {
    if (!/^https?:\/\/[^/]/.test(uri)) return "is not an absolute URI";
    if (protocol === "http:" && !LOOPBACK_HOSTS.has(hostname)) return "uses http for a host that is not loopback";
    return null;
  }
  const scheme = protocol.slice(0, -1);
  return scheme.includes(".") || privateUseSchemes.includes(scheme) ? null : "uses a scheme that is not allowed";
}

const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?($|[/?].*$)/s;

/** Whether a redirect URI leads to the person's own machine over http. */
export const isLoopbackRedirectUri = (uri: string): boolean => LOOPBACK.test(uri);

/** Where a redirect URI leads, as far as a person can be told. */
export type RedirectTarget =
  /** The host as a browser resolves it (punycode). */
  | { readonly kind: "site" | "loopback"; readonly host: string }
  /**
   * Any app on the device may claim a scheme, and what follows the scheme isn't a host, however much it looks like one.
   */
  | { readonly kind: "app"; readonly scheme: string };

export function redirectTarget(uri: string): RedirectTarget {
  const { protocol, host } = new URL(uri);
  if (protocol !== "https:" && protocol !== "http:") return { kind: "app", scheme: protocol };
  return { kind: isLoopbackRedirectUri(uri) ? "loopback" : "site", host };
}

/**
 * Whether a requested redirect URI matches a registered one: the same string (RFC 9700 §4.1.3), apart from the port of
 * a loopback URI (RFC 8252 §7.3).
 */
export function matchesRedirectUri(requested: string, registered: string): boolean {
  if (requested === registered) return true;
  const [, requestedHost, port, requestedRest] = LOOPBACK.exec(requested) ?? [];
  const [, registeredHost, , registeredRest] = LOOPBACK.exec(registered) ?? [];
  if (requestedHost === undefined || requestedHost !== registeredHost || requestedRest !== registeredRest) return false;
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65535);
}

/** Adds response parameters to a redirect URI, keeping its own query (RFC 6749 §3.1.2). */
export function addToRedirectUri(uri: string, params: Readonly<Record<string, string | null>>): string {
  const present = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== null);
  const separator = !uri.includes("?") ? "?" : /[?&]$/.test(uri) ? "" : "&";
  return uri + separator + new URLSearchParams(present);
}
