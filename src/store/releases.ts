import type { Redis } from "./redis.ts";

const LATEST = "latest-release";
const ASKED = "latest-release-asked";
const ASK_SECONDS = 24 * 60 * 60;
/** So that a version that nobody confirms any more is forgotten. */
const KEEP_SECONDS = 7 * ASK_SECONDS;

/** Whether it is time to ask which release is the latest. True for one caller a day. */
export const claimReleaseCheck = async (redis: Redis): Promise<boolean> =>
  (await redis.ask("SET", ASKED, "1", "NX", "EX", ASK_SECONDS)) !== null;

export const updateLatestRelease = async (redis: Redis, version: string): Promise<void> => {
  await redis.ask("SET", LATEST, version, "EX", KEEP_SECONDS);
};

export const findLatestRelease = (redis: Redis): Promise<string | null> => redis.ask("GET", LATEST);
