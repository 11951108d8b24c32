import { CLIENT_PROFILES, type ClientProfile } from "./client-profiles.ts";
import type { Evidence } from "./evidence.ts";
import { REQUIREMENTS } from "./requirements.ts";

/** Whether a client connects. */
export type Verdict = {
  readonly client: string;
  readonly name: string;
  readonly outcome: "connects" | "once deployed" | "stopped" | "unknown";
  /** What stops it, or why it can't be judged, with the requirement's id. */
  readonly because: string | null;
  readonly requirement: string | null;
};

/** A verdict for each client: the first requirement that isn't met, in the order in which the client needs them. */
export const judgeClients = (evidence: Evidence): readonly Verdict[] =>
  CLIENT_PROFILES.map((profile) => judgeClient(profile, evidence));

function judgeClient(profile: ClientProfile, evidence: Evidence): Verdict {
  const { key: client, name } = profile;
  let doubt: Pick<Verdict, "outcome" | "because" | "requirement"> | null = null;
  for (const { id, judge } of REQUIREMENTS) {
    const result = judge(profile, evidence);
    if (result === null) continue;
    const found = { because: result.because, requirement: id };
    if (result.kind === "stops") return { client, name, outcome: "stopped", ...found };
    doubt ??= { outcome: result.kind === "local" ? "once deployed" : "unknown", ...found };
    // After this, nothing more can be judged.
    if (result.kind === "unknown") break;
  }
  return { client, name, ...(doubt ?? { outcome: "connects", because: null, requirement: null }) };
}
