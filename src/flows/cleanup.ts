import type { Deps } from "../deps.ts";
import { deleteExpired, type ExpiringTable, eraseSealedAnswers, expiredRows } from "../store/expired.ts";

const BATCH = 1000;
/** A Worker may make 50 requests an event on the free plan; what is left waits for the next run. */
const MAX_BATCHES = 40;

/** Deletes what has outlived its use, in bounded batches. Safe to run twice at once. How many rows of which table. */
export async function cleanUp({ db, config, now, log }: Deps): Promise<Partial<Record<ExpiringTable, number>>> {
  const replaySeconds = Math.max(config.replay.lostAnswerSeconds, config.replay.reuseSeconds);
  const retention = {
    replaySeconds,
    sessionIdleSeconds: config.lifetimes.sessionIdleSeconds,
    auditDays: config.auditDays,
  };
  const deleted: Partial<Record<ExpiringTable, number>> = {};
  let batches = 0;
  let rows = BATCH;
  while (rows === BATCH && batches++ < MAX_BATCHES) rows = await eraseSealedAnswers(db, now(), replaySeconds, BATCH);
  for (const [name, condition] of Object.entries(expiredRows(now(), retention))) {
    const table = name as ExpiringTable;
    rows = BATCH;
    while (rows === BATCH && batches++ < MAX_BATCHES) {
      rows = await deleteExpired(db, table, condition, BATCH);
      deleted[table] = (deleted[table] ?? 0) + rows;
    }
  }
  log({ level: "info", event: "cleaned_up", ...deleted });
  return deleted;
}
