/** What a rule is about: the host of a metadata document, apps that registered themselves, or where answers go. */
export const APP_RULE_KINDS = ["document", "registered", "redirect"] as const;
export type AppRuleKind = (typeof APP_RULE_KINDS)[number];

export const APP_DECISIONS = ["welcome", "ask", "refuse"] as const;

/**
 * Reads whom a rule names: a host, `*.` and the domain of all hosts below it, or `*` for every one. A redirect may also lead to
 * `loopback` (this machine), to an app by its scheme (`cursor:`), or to any app (`*:`). Null for anything else.
 */
export function readAppPattern(kind: AppRuleKind, typed: string): string | null {
  const text = typed.trim().toLowerCase();
  if (text === "" || text === "*") return "*";
  if (kind === "registered") return null;
  if (kind === "redirect" && (text === "loopback" || text === "*:")) return text;
  if (kind === "redirect" && /^[a-z][a-z0-9+.-]*:$/.test(text)) return isWeb(text) ? null : text;
  const isBelow = text.startsWith("*.");
  const host = readHost(isBelow ? text.slice(2) : text);
  return host && (isBelow ? `*.${host}` : host);
}

const isWeb = (scheme: string): boolean => scheme === "https:" || scheme === "http:";

/** A host alone, as browsers resolve it. People also paste the URL. */
function readHost(text: string): string | null {
  const url = text.startsWith("https://") ? text : `https://${text}`;
  if (!/^https:\/\/[^/?#@*\\\s:]+\/?$/.test(url) || !URL.canParse(url)) return null;
  return new URL(url).hostname.replace(/\.+$/, "") || null;
}
