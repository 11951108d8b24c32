import type { Check } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { explainClient } from "./client-problem.ts";
import type { Evidence } from "./evidence.ts";
import { gradePosture, type PostureGrade } from "./posture.ts";
import { judgeClients, type Verdict } from "./verdict.ts";

export type Finding = Pick<Check, "id" | "group" | "title" | "rule"> & {
  readonly outcome: "pass" | "fail" | "warn" | "unknown";
  /** What was seen, or why it can't be judged. Null if the check passes. */
  readonly seen: string | null;
  /** What to change. Null if there is nothing to. */
  readonly remedy: string | null;
};

export type Report = {
  readonly target: string;
  readonly kind: "MCP server" | "authorization server";
  readonly issuer: string | null;
  readonly findings: readonly Finding[];
  readonly clients: readonly Verdict[];
  readonly posture: readonly PostureGrade[];
  /** Why the walk had no client to act for, and what to do. Null if it had one. */
  readonly clientProblem: string | null;
};

export function createReport(evidence: Evidence): Report {
  const findings = checksFor(evidence).map((check) => judge(check, evidence));
  return {
    target: evidence.target.href,
    kind: evidence.resource ? "MCP server" : "authorization server",
    issuer: evidence.issuer,
    findings,
    clients: judgeClients(evidence),
    posture: gradePosture(evidence, findings),
    clientProblem: explainClient(evidence),
  };
}

/** An authorization server alone has no challenge and no resource. Without an account, nothing about one is judged. */
const checksFor = ({ resource, account }: Evidence): readonly Check[] =>
  CHECKS.filter(({ group }) => {
    if (group === "With an account") return account !== null;
    return resource !== null || (group !== "Challenge" && group !== "Resource metadata");
  });

function judge({ id, group, title, rule, remedy, level, judge }: Check, evidence: Evidence): Finding {
  const judgement = judge(evidence);
  const about = { id, group, title, rule };
  if (judgement.outcome === "holds") return { ...about, outcome: "pass", seen: null, remedy: null };
  if (judgement.outcome === "unknown") return { ...about, outcome: "unknown", seen: judgement.why, remedy: null };
  return { ...about, outcome: level, seen: judgement.seen, remedy };
}

/**
 * A report that is safe to print. Servers may send control characters, which a terminal obeys, characters that reverse
 * text, and long text that hides what follows it.
 */
export function neutralized<T>(value: T, secrets: readonly string[] = []): T {
  if (typeof value === "string") return neutralizeText(value, secrets) as T;
  if (Array.isArray(value)) return value.map((each) => neutralized(each, secrets)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, neutralized(member, secrets)])) as T;
}

const MAX_LENGTH = 500;

/** A server may repeat a code or a token in its answers. */
const neutralizeText = (text: string, secrets: readonly string[]): string => {
  const open = secrets.filter(Boolean).reduce((said, secret) => said.replaceAll(secret, "…"), text);
  const plain = open.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return plain.length > MAX_LENGTH ? `${plain.slice(0, MAX_LENGTH)}…` : plain;
};
