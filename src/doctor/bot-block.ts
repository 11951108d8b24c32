import type { Answer } from "./answer.ts";

const TITLES =
  /<title>\s*(just a moment|attention required|access denied|pardon our interruption|request unsuccessful)/i;

/** Whether an answer looks as if a proxy before the server took the caller for a bot. */
export const isBotBlock = ({ status, headers, text }: Answer): boolean =>
  [403, 429, 503].includes(status) && (headers.get("cf-mitigated") === "challenge" || TITLES.test(text));
