import type { Deps } from "../../deps.ts";
import { findOverviewCounts, type OverviewCounts } from "../../store/overview.ts";
import { checkHealth, type Health } from "../health.ts";
import { findNewerRelease } from "../release-check.ts";
import { type Activity, readActivity } from "./activity.ts";

/** The health of the services, the counts, and the recent activity. */
export type Overview = {
  readonly health: Health;
  readonly counts: OverviewCounts;
  readonly activity: Activity;
  /** A newer version than this one. */
  readonly newer: string | null;
};

const NOTHING: OverviewCounts = {
  servers: 0,
  apps: 0,
  people: 0,
  connections: 0,
  unreviewed: 0,
  waitingApps: 0,
  refusedApps: 0,
  pendingLinks: 0,
  unusedCredentials: 0,
  hasRecoveryCodes: false,
};

export async function readOverview(deps: Deps, days: number, zone: string): Promise<Overview> {
  const [health, counts, activity, newer] = await Promise.all([
    checkHealth(deps),
    findOverviewCounts(deps.db, deps.actor),
    readActivity(deps, days, zone),
    findNewerRelease(deps),
  ]);
  return { health, counts: counts ?? NOTHING, activity, newer };
}
