import type { Deps } from "../deps.ts";
import { findCleanUpState, updateCleanUpState } from "../store/clean-up-state.ts";
import { type ExpiringRows, expiredRows } from "../store/expired-rows.ts";

const BATCH = 20_000;
/** A cron trigger of Workers may run for fifteen minutes. */
const MAX_MS = 10 * 60 * 1000;
const MAX_FAILURES = 3;
const REST_MS = 6 * 60 * 60 * 1000;

/** How many rows of which table. */
type CleanedUp = Partial<Record<ExpiringRows, number>>;

/**
 * Deletes expired rows in bounded batches, until nothing is left, time is up or the Workers plan allows no more
 * requests. The tables take turns, beginning where the last run stopped. Two runs at once share the work. A run that
 * found nothing lets the database sleep for some hours, and until then the answer is null.
 */
export async function cleanUp({ db, redis, config, now, log }: Deps): Promise<CleanedUp | null> {
  const started = now().getTime();
  const state = await findCleanUpState(redis).catch(() => null);
  // A longer rest than this was set by a wrong clock.
  if (state && state.restsUntil > started && state.restsUntil <= started + REST_MS) return null;

  const replaySeconds = Math.max(config.replay.lostAnswerSeconds, config.replay.reuseSeconds);
  const turns = startingAt(Object.entries(expiredRows({ replaySeconds, auditDays: config.auditDays })), state?.next);
  const { deleted, failures } = await takeTurns(turns, db, now, config.cleanUpRequests);

  const isQuiet = turns.length === 0 && Object.keys(deleted).length === 0;
  const restsUntil = isQuiet ? now().getTime() + REST_MS : 0;
  await updateCleanUpState(redis, { next: turns[0]?.[0] ?? "", restsUntil }).catch(() => {});
  log({ level: failures > 0 ? "warn" : "info", event: "cleaned_up", failures, unfinished: turns.length, ...deleted });
  return deleted;
}

type Turn = [string, ReturnType<typeof expiredRows>[ExpiringRows]];

/** Removes a table from the list once nothing is left in it. */
async function takeTurns(turns: Turn[], db: Deps["db"], now: Deps["now"], maxRequests: number) {
  const started = now().getTime();
  const deleted: CleanedUp = {};
  let [limit, failures] = [BATCH, 0];
  for (let requests = 0; requests < maxRequests && now().getTime() - started < MAX_MS; requests++) {
    const turn = turns.shift();
    if (!turn) break;
    const [name, deleteExpired] = turn;
    try {
      const rows = await deleteExpired(db, now(), limit);
      if (rows > 0) deleted[name as ExpiringRows] = (deleted[name as ExpiringRows] ?? 0) + rows;
      if (rows === limit) turns.push(turn);
    } catch {
      // A slow database gets smaller batches, and the other tables come first.
      turns.push(turn);
      limit = Math.ceil(limit / 4);
      if (++failures === MAX_FAILURES) break;
    }
  }
  return { deleted, failures };
}

function startingAt<T>(turns: readonly [string, T][], name: string | undefined): [string, T][] {
  const first = Math.max(
    0,
    turns.findIndex(([each]) => each === name),
  );
  return [...turns.slice(first), ...turns.slice(0, first)];
}
