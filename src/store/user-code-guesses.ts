import type { Redis } from "./redis.ts";

const HOUR_SECONDS = 60 * 60;

/**
 * How many guesses a person has made this hour, including this one, and when the next hour begins. Milliseconds since
 * 1970.
 */
type GuessCount = { readonly guesses: number; readonly resetAt: number };

const hourOf = (now: Date): number => Math.floor(now.getTime() / 1000 / HOUR_SECONDS);
const keyOf = (userId: string, hour: number): string => `guesses:${userId}:${hour}`;

/** Counts a guess at a user code before it is made. */
export async function consumeUserCodeGuess(redis: Redis, userId: string, now: Date): Promise<GuessCount> {
  const hour = hourOf(now);
  const key = keyOf(userId, hour);
  const [guesses] = await redis.transact(["INCR", key], ["EXPIRE", key, 2 * HOUR_SECONDS]);
  return { guesses: Number(guesses), resetAt: (hour + 1) * HOUR_SECONDS * 1000 };
}

/** Takes back one guess that was right. Wrong ones stay counted. */
export async function deleteUserCodeGuess(redis: Redis, userId: string, now: Date): Promise<void> {
  await redis.ask("DECR", keyOf(userId, hourOf(now)));
}
