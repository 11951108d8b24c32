/** Multiplies the runs of each random test. */
export const RUNS_FACTOR = Number(process.env["RANDOM_TIMES"] ?? 3);
