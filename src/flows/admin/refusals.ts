import { type Advice, adviceFor } from "../../oauth/refusal-advice.ts";
import { type ListedRefusal, listRefusedRequests } from "../../store/refused-requests.ts";
import type { AdminDeps } from "./admin-deps.ts";

type RefusalQuery = {
  /** How many days back. */
  readonly days: number;
  readonly clientId: string | null;
  /** A request id from an error page or answer. */
  readonly requestId: string | null;
  /** The most kinds of refusals to show. */
  readonly limit?: number;
};

export type AdvisedRefusal = ListedRefusal & { readonly advice: Advice };

/** The refusals of one app or one server. The name is null for requests that named none. */
export type RefusalsOfApp = {
  readonly clientId: string | null;
  readonly name: string | null;
  readonly isServer: boolean;
  readonly refusals: readonly AdvisedRefusal[];
};

const MOST = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Why apps don't connect: the refusals of each app, with what they mean and what to change. Most recent first. */
export async function readRefusals(
  { db, now, actor }: Pick<AdminDeps, "db" | "now" | "actor">,
  { days, clientId, requestId, limit = MOST }: RefusalQuery,
): Promise<readonly RefusalsOfApp[]> {
  const since = new Date(now().getTime() - days * DAY_MS);
  const listed = await listRefusedRequests(db, { since, clientId, requestId, limit }, actor);
  const byApp = Map.groupBy(listed, (refusal) => refusal.clientId);
  return [...byApp].map(([id, refusals]) => ({
    clientId: id,
    name: refusals[0]?.name ?? null,
    isServer: refusals[0]?.isServer ?? false,
    refusals: refusals.map((refusal) => ({ ...refusal, advice: adviceFor(refusal.reason) })),
  }));
}
