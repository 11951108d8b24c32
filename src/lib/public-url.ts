/** Names that never lead to the public internet (RFC 6761, RFC 6762, RFC 8375, ICANN's `.internal`). */
const SPECIAL_USE = ["localhost", "local", "internal", "home.arpa", "test", "invalid", "onion", "intranet", "lan"];

/**
 * Why a URL that a stranger named may not be fetched, or null. A Worker can't see what a name resolves to, so the name
 * itself has to belong to the public internet: https on port 443, a host with dots, no IP literal, not our own. The URL
 * has to be in its normal form, so that no parser reads another host or path from it.
 */
export function findUrlProblem(text: string, ownHost: string): string | null {
  if (text.length > 2000 || !URL.canParse(text)) return "is not an absolute URL";
  const { href, protocol, username, password, port, hostname, hash } = new URL(text);
  if (protocol !== "https:") return "is not https";
  if (username || password) return "has userinfo";
  if (hash || text.includes("#")) return "has a fragment";
  if (port) return "names a port";
  if (href !== text && href !== `${text}/`) return "is not in normal form";
  if (hostname.startsWith("[") || /^[\d.]+$/.test(hostname)) return "names an IP address";
  if (!isPublicName(hostname)) return "does not name a public host";
  return hostname === ownHost ? "names this server" : null;
}

const isPublicName = (hostname: string): boolean =>
  hostname.includes(".") && !hostname.endsWith(".") && !SPECIAL_USE.some((name) => hostname.endsWith(`.${name}`));
