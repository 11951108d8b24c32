import { startsOfDays } from "../../lib/days.ts";
import { listDailyCounts } from "../../store/audit-days.ts";
import type { AuditEventName } from "../../store/audit-events.ts";
import type { AdminDeps } from "./admin-deps.ts";

/** The events that are counted together. */
const SERIES = {
  signIns: ["signed_in", "signed_in_with_recovery_code"],
  connected: ["assertion_redeemed", "code_redeemed", "device_code_redeemed"],
  // The first refresh of a day (UTC), so each connection once.
  inUse: ["token_refreshed"],
  machines: ["client_credentials_granted", "workload_granted"],
  wrongSecrets: ["client_authentication_failed"],
  wrongPasswords: ["account_locked", "user_code_guesses_exceeded"],
  misusedTokens: [
    "code_replayed",
    "foreign_token_introspected",
    "refresh_replayed_by_other_caller",
    "refresh_token_reused",
  ],
} as const satisfies Record<string, readonly AuditEventName[]>;

type SeriesName = keyof typeof SERIES;

/** How often each happened on each of the last days, oldest first. `days` holds when each day begins. */
export type Activity = { readonly days: readonly Date[] } & Readonly<Record<SeriesName, readonly number[]>>;

/** The activity of the last days, by the clock of a time zone. */
export async function readActivity({ db, now, actor }: AdminDeps, length = 14, zone = "UTC"): Promise<Activity> {
  const days = startsOfDays(now(), zone, length);
  const counts = await listDailyCounts(db, Object.values(SERIES).flat(), days, actor);
  const series = (names: readonly AuditEventName[]) =>
    days.map((_, index) =>
      counts
        .filter(({ day, name }) => day === index + 1 && names.includes(name))
        .reduce((sum, { count }) => sum + count, 0),
    );
  const counted = Object.entries(SERIES).map(([name, names]) => [name, series(names)]);
  return { days, ...(Object.fromEntries(counted) as Record<SeriesName, readonly number[]>) };
}
