import { expect } from "vitest";

/**
 * Asks many times at once for one thing. If the machine is too slow for so many, the database or Redis is late and some get 503.
 * A late answer shows nothing about the race, so half as many then ask for a new thing.
 */
export async function askAtOnce<T extends { readonly status: number }>(
  times: number,
  begin: () => Promise<(number: number) => Promise<T>>,
): Promise<T[]> {
  const ask = await begin();
  const answers = await Promise.all(Array.from({ length: times }, (_, number) => ask(number)));
  const isLate = answers.some(({ status }) => status === 503);
  return isLate && times > FEWEST ? askAtOnce(Math.max(FEWEST, times >> 1), begin) : answers;
}

/** More than any limit that a test races against. */
const FEWEST = 12;

/** Exactly this many guesses were checked, and a limit refused the rest. One that got 503 may be either. */
export function expectAdmitted(limit: number, answers: readonly { readonly status: number }[]): void {
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  const [admitted, refused, late] = [count(400), count(429), count(503)];
  expect(admitted).toBeLessThanOrEqual(limit);
  expect(admitted + late).toBeGreaterThanOrEqual(limit);
  expect(refused).toBe(answers.length - admitted - late);
}
