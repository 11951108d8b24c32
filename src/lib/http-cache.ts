/**
 * How many seconds a response stays fresh by its own headers (RFC 9111 §4.2). 0 if they don't say, or forbid caching.
 */
export function freshnessSeconds(headers: Headers, now: Date): number {
  const directives = (headers.get("Cache-Control") ?? "")
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  if (directives.includes("no-store") || directives.includes("no-cache")) return 0;
  const age = Number(/^\d{1,9}$/.exec(headers.get("Age") ?? "")?.[0] ?? 0);
  const maxAge = directives.map((directive) => /^max-age="?(\d{1,9})"?$/.exec(directive)?.[1]).find(Boolean);
  if (maxAge !== undefined) return Math.max(0, Number(maxAge) - age);
  const expires = Date.parse(headers.get("Expires") ?? "");
  return Number.isNaN(expires) ? 0 : Math.max(0, Math.floor((expires - now.getTime()) / 1000));
}
