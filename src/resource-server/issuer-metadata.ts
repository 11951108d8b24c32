import { refuse } from "./challenge.ts";
import { reportUnreachable, withDeadline } from "./gatehouse-call.ts";
import { publicAnswer } from "./metadata.ts";
import type { Settings } from "./options.ts";
import { requestTarget } from "./request-target.ts";

const WELL_KNOWN = "/.well-known/oauth-authorization-server";
const KEPT_MS = 5 * 60_000;
/** Strangers can request the document, so an issuer that is down is only asked this often. */
const FAILED_MS = 5000;

/**
 * Answers with the issuer's metadata where clients of MCP 2025-03-26 look for it: at the MCP server's own origin. Null
 * for any other path, and if the issuer itself has that origin.
 */
export function createIssuerMetadata(settings: Settings): (request: Request) => Promise<Response | null> {
  const issuer = new URL(settings.issuer);
  const { origin, pathname } = new URL(settings.resource);
  const paths = [WELL_KNOWN, WELL_KNOWN + pathname.replace(/\/$/, "")];
  let kept: { readonly document: object | null; readonly until: number } = { document: null, until: 0 };

  return async (request) => {
    const path = requestTarget(request).pathname.replace(/\/$/, "");
    if (origin === issuer.origin || !paths.includes(path)) return null;
    if (Date.now() >= kept.until) {
      const fetched = await fetchMetadata(settings, issuer);
      // An old document is better than none.
      kept = { document: fetched ?? kept.document, until: Date.now() + (fetched ? KEPT_MS : FAILED_MS) };
    }
    return kept.document ? publicAnswer(request, kept.document) : refuse(settings, "unavailable", []);
  };
}

async function fetchMetadata(settings: Settings, { origin, pathname }: URL): Promise<object | null> {
  const url = origin + WELL_KNOWN + pathname.replace(/\/$/, "");
  const document = await withDeadline(settings.timeoutMs, async (signal) => {
    const response = await fetch(url, { headers: { Accept: "application/json" }, redirect: "manual", signal });
    return response.ok ? ((await response.json()) as { readonly issuer?: unknown }) : null;
  });
  // Clients would follow it anywhere, so a document of another issuer isn't used (RFC 8414 §3.3).
  if (document?.issuer === settings.issuer) return document;
  reportUnreachable(settings, url);
  return null;
}
