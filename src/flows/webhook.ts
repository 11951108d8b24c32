import type { Deps } from "../deps.ts";
import { boundedFetch } from "../lib/safe-fetch.ts";
import { webhookHeaders } from "../lib/webhook.ts";
import { type AppRequest, claimUntoldRequests, markRequestTold } from "../store/app-requests.ts";
import { claimWebhookRetry, requestWebhookRetry } from "../store/webhook-retries.ts";

/** Redirects aren't followed, so that an answer can't lead inside. */
const BOUNDS = { maxBytes: 64 * 1024, timeoutMs: 5000 };
const MAX_TRIES = 2;
const AT_ONCE = 20;

/**
 * Tells the owner about an app that waits for their decision, or with null about all that they haven't been told of.
 * Does nothing without a webhook.
 */
export async function tellOwner(deps: Deps, id: string | null): Promise<void> {
  const { webhook } = deps.config;
  if (webhook === null) return;
  try {
    const untold = await claimUntoldRequests(deps.db, { id, maxTries: MAX_TRIES, limit: AT_ONCE });
    const answers = await Promise.all(untold.map((request) => post(deps, webhook, request)));
    if (answers.includes(false)) await requestWebhookRetry(deps.redis);
  } catch {
    deps.log({ level: "warn", event: "webhook_failed" });
  }
}

/**
 * Retries failed calls in a scheduled run. It asks Redis whether there are any, since a query would wake a sleeping
 * database.
 */
export async function retryWebhook(deps: Deps): Promise<void> {
  if (deps.config.webhook === null) return;
  if (await claimWebhookRetry(deps.redis).catch(() => false)) await tellOwner(deps, null);
}

type Webhook = NonNullable<Deps["config"]["webhook"]>;

async function post({ db, fetch, now, config, log }: Deps, webhook: Webhook, request: AppRequest): Promise<boolean> {
  const body = JSON.stringify({
    type: "app.requested",
    timestamp: new Date(request.requestedAt * 1000).toISOString(),
    data: {
      request: request.id,
      app: { id: request.clientId, name: request.clientName, registration: request.registration },
      person: request.email,
      server: { name: request.resourceName, url: request.resourceUri },
      scopes: request.scopes,
      answers_go_to: request.redirectHost,
      review: `${config.issuer}/admin/new-apps`,
    },
  });
  const problem = await boundedFetch(fetch, BOUNDS)(webhook.url, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      "User-Agent": "gatehouse",
      ...(await webhookHeaders(webhook.secret, request.id, now(), body)),
    },
  }).then(
    ({ ok, status }) => (ok ? null : `answered ${status}`),
    (error: Error) => error.message,
  );
  if (problem === null) await markRequestTold(db, request.id, now());
  else log({ level: "warn", event: "webhook_failed", problem });
  return problem === null;
}
