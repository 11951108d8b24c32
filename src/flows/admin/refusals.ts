import { type Advice, adviceFor } from "../../oauth/refusal-advice.ts";
import { type ListedRefusal, listRefusedRequests } from "../../store/refused-requests.ts";
import type { AdminDeps } from "./admin-deps.ts";

export type RefusalQuery = {
  /** How many days back. */
  readonly days: number;
  readonly clientId: string | null;
  /** What an error page or answer showed. */
  readonly requestId: string | null;
  /** How many kinds of refusals. */
  readonly limit?: number;
};

export type AdvisedRefusal = ListedRefusal & { readonly advice: Advice };

/** What one app, or one server, was refused; null for those that named none. */
export type RefusalsOfApp = {
  readonly clientId: string | null;
  readonly name: string | null;
  readonly isServer: boolean;
  readonly refusals: readonly AdvisedRefusal[];
};

const MOST = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Why apps don't connect: what was refused by app, each with what it means and what to change. The last refused come first. */
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
