import { INSPECTOR_ORIGIN } from "./client-profiles.ts";
import type { Discovered } from "./evidence.ts";
import type { Prober } from "./prober.ts";

/** The version of MCP that clients name during discovery. */
export const PROTOCOL_VERSION = "2025-11-25";

/** Looks for a document in the places where clients look, until it finds it. */
export async function discover(urls: readonly URL[], prober: Prober): Promise<Discovered> {
  const tried = [];
  for (const url of urls) {
    const answer = await prober.discover(url, { "MCP-Protocol-Version": PROTOCOL_VERSION });
    tried.push(answer);
    if (answer.status !== 200 || !answer.json) continue;
    return { tried, found: answer, fromBrowser: await prober.discover(url, { Origin: INSPECTOR_ORIGIN }) };
  }
  return { tried, found: null, fromBrowser: null };
}
