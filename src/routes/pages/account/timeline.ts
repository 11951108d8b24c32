import type { ConnectionEvent } from "../../../store/connection-events.ts";
import { wordsOf } from "../audit-words.ts";

/** One line of a connection's history. */
type TimelineEntry = {
  readonly at: number;
  readonly text: string;
  readonly address: string | null;
  /** How often in a row. `at` is the last time. */
  readonly times: number;
  /** Worth attention, since it may be a theft. */
  readonly alarming: boolean;
};

export const REASONS: Readonly<Record<string, string>> = {
  access_removed: "an owner changed who may use the server",
  app_refused: "the owner doesn’t allow such apps",
  client_deleted: "the app was deleted by an owner",
  client_disabled: "an owner blocked the app",
  issuer_disabled: "an owner turned off the issuer that let it in",
  issuer_removed: "an owner removed the issuer that let it in",
  code_replayed: "the app’s sign-in code was used twice, so someone may have stolen it",
  refresh_token_reused: "an old refresh token was used again, so someone may have stolen it",
  resource_deleted: "an owner deleted the server",
  revoked_by_client: "the app ended it",
  revoked_by_owner: "an owner ended it",
  revoked_by_person: "you ended it",
  user_deleted: "your account was deleted",
  user_disabled: "your account was disabled",
};

/** Why a connection ended, in words. */
export const describeEnd = (reason: string | null): string => (reason !== null && REASONS[reason]) || "it expired";

const THEFTS: readonly (string | null)[] = ["code_replayed", "refresh_token_reused"];

/** Whether a connection may have ended by a theft. */
export const wasStolen = (reason: string | null): boolean => THEFTS.includes(reason);

/**
 * What happened to a connection, in plain words, newest first, so that "why was I signed out?" has an answer. Equal
 * events in a row from one address share a line, and so do the refreshes of an older day.
 */
export function describeTimeline(events: readonly ConnectionEvent[], endReason: string | null): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  for (const event of events) {
    const text = describe(event, endReason);
    if (text === null) continue;
    const last = entries.at(-1);
    if (last && last.text === text && last.address === event.address && !isOfDay(event))
      entries.splice(-1, 1, { ...last, times: last.times + event.count });
    else {
      const alarming = isAlarming(event, endReason);
      entries.push({ at: event.at, text, address: event.address, times: event.count, alarming });
    }
  }
  return entries;
}

/** A theft ends the connection, so the line about the end covers it. */
const isAlarming = ({ name }: ConnectionEvent, endReason: string | null): boolean =>
  name === "family_revoked" ? wasStolen(endReason) : wordsOf(name).alarming === true;

/** Whether it happens all the time, like a refresh. */
export const isRoutine = ({ name }: ConnectionEvent): boolean => wordsOf(name).routine === true;

/** The events of a day, counted. */
const isOfDay = ({ details }: ConnectionEvent): boolean => details?.["day"] !== undefined;

/** What stands for a detail that an event lacks. */
const UNKNOWN: Readonly<Record<string, string>> = { issuer: "an issuer", provider: "linked", tool: "a tool" };

/** The line of an event. Null if it is no part of the history, or if only a later version knows it. */
function describe(event: ConnectionEvent, endReason: string | null): string | null {
  const line = wordsOf(event.name).line;
  if (line === undefined) return null;
  const filled = line.replace(/\{(\w+)\}/, (_, word: string) =>
    word === "end" ? describeEnd(endReason) : String(event.details?.[word] ?? UNKNOWN[word]),
  );
  return isOfDay(event) ? `${filled} that day` : filled;
}
