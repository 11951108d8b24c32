import { resolveNs } from "node:dns/promises";
import { isOrigin } from "../../lib/origin.ts";
import { createDatabase } from "../../store/database.ts";
import { findIsolationLevel } from "../../store/health.ts";
import { explainError, findDatabaseUrlProblem } from "../database-diagnosis.ts";
import { isThisMachine } from "./answers.ts";

const TIMEOUT_MS = 10_000;

/**
 * Whether the domain exists. Its name servers decide whether Cloudflare can serve it, which only a deployment shows for
 * sure.
 */
export async function findUrlTrouble(url: string): Promise<string | null> {
  const { hostname } = new URL(url);
  if (hostname.endsWith(".workers.dev") || isThisMachine(hostname)) return null;
  const labels = hostname.split(".");
  const zones = labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
  for (const zone of zones) {
    const found = await resolveNs(zone).catch((error: NodeJS.ErrnoException) => error.code ?? "");
    if (Array.isArray(found)) return null;
    // Without an answer, nothing is known against it.
    if (!["ENOTFOUND", "ENODATA"].includes(found)) return null;
  }
  return `There is no domain ${zones.at(-1)}. It has to be a domain of your Cloudflare account.`;
}

/** Sends the database one query. */
export async function findDatabaseTrouble(databaseUrl: string): Promise<string | null> {
  const problem = findDatabaseUrlProblem(databaseUrl);
  if (problem) return problem;
  try {
    const level = await findIsolationLevel(createDatabase(databaseUrl));
    return level === "read committed" ? null : `The database runs at ${level}, but Gatehouse needs READ COMMITTED.`;
  } catch (error) {
    return explainError(error as Error, databaseUrl);
  }
}

export const findRedisUrlProblem = (url: string): string | null =>
  /^https:\/\/[^\s/]+$/.test(url)
    ? null
    : "That is not Upstash's REST URL, like https://eu1-….upstash.io (not the redis:// one).";

/** Writes to Redis once through Upstash's REST API, since a read-only token would also answer a PING. */
export async function findRedisTrouble(url: string, token: string): Promise<string | null> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify(["SET", "gatehouse-setup", "ok", "EX", "10"]),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => null);
  const { host } = new URL(url);
  if (answer === null) return `${host} does not answer. Check the URL and the network.`;
  if (answer.status === 401 || answer.status === 403) return `${host} refused the token.`;
  const body = (await answer.json().catch(() => null)) as { result?: unknown; error?: string } | null;
  if (body?.result === "OK") return null;
  if (/NOPERM|read.?only/i.test(body?.error ?? ""))
    return `${host} accepts this token only for reading. Use the standard token.`;
  return `${host} answered ${answer.status}, which isn't what Upstash answers.`;
}

export const findOriginsProblem = (text: string): string | null =>
  text === "none" || (text !== "" && text.split(/[\s,]+/).every(isOrigin))
    ? null
    : "Give origins like https://app.example or tauri://localhost, separated by spaces, or none.";
