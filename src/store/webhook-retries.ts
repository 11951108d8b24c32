import type { Redis } from "./redis.ts";

const KEY = "webhook-retry";
const KEEP_SECONDS = 7 * 24 * 60 * 60;

/** Says that the owner's webhook didn't take something, for the next scheduled run. */
export const requestWebhookRetry = async (redis: Redis): Promise<void> => {
  await redis.ask("SET", KEY, "1", "EX", KEEP_SECONDS);
};

/** Whether something is to be tried once more; true for one who asks. */
export const claimWebhookRetry = async (redis: Redis): Promise<boolean> => (await redis.ask("GETDEL", KEY)) !== null;
