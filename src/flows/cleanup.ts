import type { Deps } from "../deps.ts";
import { deleteExpired, type ExpiringTable, eraseSealedAnswers, expiredRows } from "../store/expired.ts";

const BATCH = 5000;
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
  // In turns, so that a table that grows fast keeps no other from being cleaned.
  const waiting = new Map(Object.entries(expiredRows(now(), retention)));
  while (waiting.size > 0 && batches < MAX_BATCHES) {
    for (const [name, condition] of waiting) {
      if (batches++ >= MAX_BATCHES) break;
      const table = name as ExpiringTable;
      rows = await deleteExpired(db, table, condition, BATCH);
      deleted[table] = (deleted[table] ?? 0) + rows;
      if (rows < BATCH) waiting.delete(name);
    }
  }
  log({ level: "info", event: "cleaned_up", ...deleted });
  return deleted;
}
