import { OAuthError } from "./errors.ts";

/**
 * The canonical form of a resource identifier (RFC 8707 §2), which is what is stored and compared: parsed, and without
 * one trailing slash. Null if it can't identify a resource.
 */
export function canonicalResource(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, hash, href } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return null;
  if (username || password || hash || text.includes("#")) return null;
  return href.replace(/\/$/, "");
}

/** The single resource that a request names, in canonical form. Null if it names none (RFC 8707 §2). */
export function requestedResource(resources: readonly string[]): string | null {
  const canonical = new Set(resources.map(canonicalResource));
  if (canonical.size > 1) throw invalidTarget("Only one resource can be requested at a time.");
  const [resource] = canonical;
  if (resource === null)
    throw invalidTarget("The resource parameter is not an absolute http(s) URL without a fragment.");
  return resource ?? null;
}

const invalidTarget = (description: string) => new OAuthError("invalid_target", description, { reason: "resource" });
