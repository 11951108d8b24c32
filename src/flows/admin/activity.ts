import { listDailyCounts } from "../../store/audit-days.ts";
import type { AuditEventName } from "../../store/audit-events.ts";
import type { AdminDeps } from "./admin-deps.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 14;

/** What is counted together. */
const SERIES = {
  signIns: ["signed_in", "signed_in_with_recovery_code"],
  tokens: ["client_credentials_granted", "code_redeemed", "device_code_redeemed", "token_refreshed"],
  refusals: [
    "account_locked",
    "client_authentication_failed",
    "code_replayed",
    "foreign_token_introspected",
    "refresh_replayed_by_other_caller",
    "refresh_token_reused",
    "user_code_guesses_exceeded",
  ],
} as const satisfies Record<string, readonly AuditEventName[]>;

/** How often each happened on each of the last days (UTC), the oldest first. `days` are their beginnings. */
export type Activity = { readonly days: readonly Date[] } & Readonly<Record<keyof typeof SERIES, readonly number[]>>;

export async function readActivity({ db, now, actor }: AdminDeps): Promise<Activity> {
  const today = Math.floor(now().getTime() / DAY_MS) * DAY_MS;
  const days = Array.from({ length: DAYS }, (_, index) => new Date(today - (DAYS - 1 - index) * DAY_MS));
  const counts = await listDailyCounts(db, Object.values(SERIES).flat(), days[0] ?? now(), actor);
  const series = (names: readonly AuditEventName[]) =>
    days.map((day) =>
      counts
        .filter((each) => each.day * 1000 === day.getTime() && names.includes(each.name))
        .reduce((sum, { count }) => sum + count, 0),
    );
  return { days, signIns: series(SERIES.signIns), tokens: series(SERIES.tokens), refusals: series(SERIES.refusals) };
}
