import type { Answer } from "../answer.ts";
import { INSPECTOR_ORIGIN } from "../client-profiles.ts";

/** Whether the Inspector's page may read an answer (Fetch, CORS check). */
export const isAllowedForBrowsers = (answer: Answer | null): boolean =>
  ["*", INSPECTOR_ORIGIN].includes(answer?.headers.get("Access-Control-Allow-Origin") ?? "");
