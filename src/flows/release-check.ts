import type { Deps } from "../deps.ts";
import { parseJson } from "../lib/json.ts";
import { boundedFetch } from "../lib/safe-fetch.ts";
import { isNewer, readVersion, VERSION } from "../lib/version.ts";
import { claimReleaseCheck, findLatestRelease, updateLatestRelease } from "../store/releases.ts";

const BOUNDS = { maxBytes: 512 * 1024, timeoutMs: 5000 };

/**
 * Asks once a day which release is the latest, at the address that the owner has set. The request reveals nothing about
 * this deployment.
 */
export async function checkForRelease({ config, redis, fetch, log }: Deps): Promise<void> {
  if (config.releaseUrl === null) return;
  try {
    if (!(await claimReleaseCheck(redis))) return;
    const headers = { Accept: "application/json", "User-Agent": "gatehouse" };
    const response = await boundedFetch(fetch, BOUNDS)(config.releaseUrl, { headers });
    const { tag_name, version = tag_name } = parseJson(await response.text()) as Record<string, unknown>;
    const latest = readVersion(version);
    if (latest === null) log({ level: "warn", event: "release_check_failed", status: response.status });
    else await updateLatestRelease(redis, latest);
  } catch {
    log({ level: "warn", event: "release_check_failed" });
  }
}

/** A release that is newer than this one, or null. */
export async function findNewerRelease({ config, redis }: Deps): Promise<string | null> {
  if (config.releaseUrl === null) return null;
  const latest = readVersion(await findLatestRelease(redis).catch(() => null));
  return latest !== null && isNewer(latest, VERSION) ? latest : null;
}
