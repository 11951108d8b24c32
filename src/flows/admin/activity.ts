import { listDailyCounts } from "../../store/audit-days.ts";
import type { AuditEventName } from "../../store/audit-events.ts";
import type { AdminDeps } from "./admin-deps.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is counted together. */
const SERIES = {
  signIns: ["signed_in", "signed_in_with_recovery_code"],
  connected: ["code_redeemed", "device_code_redeemed"],
  renewed: ["token_refreshed"],
  machines: ["client_credentials_granted"],
  wrongSecrets: ["client_authentication_failed"],
  wrongPasswords: ["account_locked", "user_code_guesses_exceeded"],
  misusedTokens: [
    "code_replayed",
    "foreign_token_introspected",
    "refresh_replayed_by_other_caller",
    "refresh_token_reused",
  ],
} as const satisfies Record<string, readonly AuditEventName[]>;

export type SeriesName = keyof typeof SERIES;

/** How often each happened on each of the last days (UTC), the oldest first. `days` are their beginnings. */
export type Activity = { readonly days: readonly Date[] } & Readonly<Record<SeriesName, readonly number[]>>;

export async function readActivity({ db, now, actor }: AdminDeps, length = 14): Promise<Activity> {
  const today = Math.floor(now().getTime() / DAY_MS) * DAY_MS;
  const days = Array.from({ length }, (_, index) => new Date(today - (length - 1 - index) * DAY_MS));
  const counts = await listDailyCounts(db, Object.values(SERIES).flat(), days[0] ?? now(), actor);
  const series = (names: readonly AuditEventName[]) =>
    days.map((day) =>
      counts
        .filter((each) => each.day * 1000 === day.getTime() && names.includes(each.name))
        .reduce((sum, { count }) => sum + count, 0),
    );
  const counted = Object.entries(SERIES).map(([name, names]) => [name, series(names)]);
  return { days, ...(Object.fromEntries(counted) as Record<SeriesName, readonly number[]>) };
}
