import type { Evidence } from "./evidence.ts";

export const GROUPS = [
  "Challenge",
  "Resource metadata",
  "Server metadata",
  "Registration",
  "Authorization endpoint",
  "Token endpoint",
  "Transport",
  "With an account",
] as const;

/** The result of a check. */
export type Judgement =
  | { readonly outcome: "holds" }
  /** What was seen instead. */
  | { readonly outcome: "broken"; readonly seen: string }
  /** Why it can't be judged. */
  | { readonly outcome: "unknown"; readonly why: string };

/** One rule, and how to see whether a server keeps it. */
export type Check = {
  readonly id: string;
  readonly group: (typeof GROUPS)[number];
  /** What is true if it passes. */
  readonly title: string;
  /** Its source: a section of a standard, or what is known about a client. */
  readonly rule: string;
  /** What to change if it fails. */
  readonly remedy: string;
  /** Whether failing it breaks a rule, or only costs some clients or some safety. */
  readonly level: "fail" | "warn";
  judge(evidence: Evidence): Judgement;
};

export const holds: Judgement = { outcome: "holds" };
export const broken = (seen: string): Judgement => ({ outcome: "broken", seen });
export const unknown = (why: string): Judgement => ({ outcome: "unknown", why });

/** The judgement of a check that one condition decides. */
export const judgeIf = (condition: boolean, seen: string | (() => string)): Judgement =>
  condition ? holds : broken(typeof seen === "string" ? seen : seen());
