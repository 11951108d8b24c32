/** Multiplies the runs of each random test. */
export const TIMES = Number(process.env["RANDOM_TIMES"] ?? 3);
