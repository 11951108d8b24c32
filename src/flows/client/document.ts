import type { Deps } from "../../deps.ts";
import { freshnessSeconds } from "../../lib/http-cache.ts";
import { fetchJson } from "../../lib/safe-fetch.ts";
import { createSingleFlight } from "../../lib/single-flight.ts";
import { findDocumentUrlProblem, readClientDocument } from "../../oauth/client-document.ts";
import { OAuthError } from "../../oauth/errors.ts";
import { upsertDocumentClient } from "../../store/clients.ts";
import { metadataPolicy, toClientRecord } from "./client-record.ts";

/** When a document was fetched, and until when it is fresh. Milliseconds since 1970. */
type KnownDocument = { readonly fetchedAt: number; readonly freshUntil: number };

/** Of a metadata document. */
export const DOCUMENT_LIMITS = { maxBytes: 5 * 1024, timeoutMs: 5000 };
const MIN_FRESH_SECONDS = 5 * 60;
const MAX_FRESH_SECONDS = 24 * 60 * 60;
const MAX_OUTAGE_MS = 7 * 24 * 60 * 60 * 1000;

/** Stored, or the reason why not and whether it may be temporary. */
type DocumentResult =
  | { readonly stored: true }
  | { readonly stored: false; readonly mayPass: boolean; readonly problem: string };

const singleFlight = createSingleFlight<DocumentResult>();

/** Refuses a client id that looks like a document's URL but can't be one, before anything is fetched or looked up. */
export function assertDocumentUrl({ config }: Deps, clientId: string): void {
  const problem = findDocumentUrlProblem(clientId, new URL(config.issuer).hostname);
  if (problem)
    throw new OAuthError("invalid_request", `The app's client_id ${problem}.`, { reason: "client_document" });
}

/**
 * Updates a client from its metadata document (draft-ietf-oauth-client-id-metadata-document §4). Fetches it if it is
 * new or stale, and only for a signed-in person. During an outage, the last good copy is used for a week. A host that
 * says that the document is gone is believed. True if the client may have changed.
 */
export async function refreshDocumentClient(
  deps: Deps,
  clientId: string,
  known: KnownDocument | null,
): Promise<boolean> {
  const now = deps.now().getTime();
  if (known && now < known.freshUntil) return false;
  await deps.admitted();
  const result = await singleFlight(clientId, deps.defer, () => fetchAndStore(deps, clientId));
  if (result.stored) return true;
  const { mayPass, problem } = result;
  deps.log({ level: "warn", event: "client_document_failed", host: new URL(clientId).host, problem });
  if (known && mayPass && now - known.fetchedAt < MAX_OUTAGE_MS) return false;
  const description = `The app describes itself at ${clientId}, but that document ${problem}.`;
  throw mayPass
    ? new OAuthError("temporarily_unavailable", description, {
        status: 503,
        reason: "client_document",
        retryAfterSeconds: 30,
      })
    : new OAuthError("invalid_request", description, { reason: "client_document" });
}

async function fetchAndStore(deps: Deps, clientId: string): Promise<DocumentResult> {
  const fetched = await fetchJson(deps.fetch, clientId, DOCUMENT_LIMITS);
  if (!fetched.ok) return { stored: false, mayPass: fetched.kind === "failed", problem: fetched.problem };
  const actor = deps.actor;
  try {
    const metadata = readClientDocument(clientId, fetched.json, metadataPolicy(deps));
    const seconds = Math.min(
      MAX_FRESH_SECONDS,
      Math.max(MIN_FRESH_SECONDS, freshnessSeconds(fetched.headers, actor.now)),
    );
    const freshUntil = new Date(actor.now.getTime() + seconds * 1000);
    await upsertDocumentClient(deps.db, { ...(await toClientRecord(metadata, null)), id: clientId, freshUntil }, actor);
    return { stored: true };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return { stored: false, mayPass: false, problem: `is not valid: ${error.message.replace(/\.$/, "")}` };
  }
}
