import type { Redis } from "./redis.ts";

const KEY = "webhook-retry";
const KEEP_SECONDS = 7 * 24 * 60 * 60;

/** Records for the next scheduled run that the owner's webhook didn't accept something. */
export const requestWebhookRetry = async (redis: Redis): Promise<void> => {
  await redis.ask("SET", KEY, "1", "EX", KEEP_SECONDS);
};

/** Whether something has to be retried. True for one caller. */
export const claimWebhookRetry = async (redis: Redis): Promise<boolean> => (await redis.ask("GETDEL", KEY)) !== null;
