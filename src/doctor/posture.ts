import type { Evidence } from "./evidence.ts";
import { judgeScopes } from "./posture-scopes.ts";
import { judgeTokens } from "./posture-tokens.ts";
import type { Finding } from "./report.ts";

/**
 * A: everything holds. B: everything that could be seen holds. C: something is weak. F: something is broken. Null:
 * nothing could be seen.
 */
export type Grade = "A" | "B" | "C" | "F";

export type Reason = { readonly grade: Grade; readonly because: string };

export type PostureGrade = {
  readonly id: string;
  readonly title: string;
  readonly grade: Grade | null;
  /** The reasons for the grade, the worst first. */
  readonly reasons: readonly Reason[];
};

type Aspect = {
  readonly id: string;
  readonly title: string;
  /** The checks that decide. */
  readonly checks: readonly string[];
  /** What else is looked at. */
  readonly judge?: (evidence: Evidence) => readonly Reason[];
};

/** The areas that reviewers of MCP servers grade. */
export const ASPECTS: readonly Aspect[] = [
  { id: "permissions", title: "Permissions are narrow", checks: ["resource-scopes"], judge: judgeScopes },
  {
    id: "pkce",
    title: "PKCE is enforced",
    checks: [
      "metadata-pkce",
      "metadata-plain",
      "authorize-pkce",
      "authorize-plain",
      "account-no-challenge",
      "account-plain",
      "account-verifier",
      "account-verifier-plain",
    ],
  },
  {
    id: "rotation",
    title: "Refresh tokens rotate, and reuse is noticed",
    checks: ["account-rotation", "account-refresh-reuse", "account-reuse-ends"],
  },
  {
    id: "codes",
    title: "Codes are good once, and go where they belong",
    checks: [
      "authorize-redirect-uri",
      "authorize-unknown-client",
      "account-redirect-suffix",
      "account-code-replay",
      "account-code-replay-revokes",
      "account-answer",
      "authorize-iss",
      "metadata-iss",
    ],
  },
  {
    id: "audience",
    title: "Tokens are for one server",
    checks: ["resource-matches", "challenge-invalid-token", "account-audience", "account-tampered"],
  },
  {
    id: "tokens",
    title: "Tokens are short-lived, revocable and kept out of URLs and caches",
    checks: [
      "resource-bearer-methods",
      "account-query",
      "token-post",
      "token-caching",
      "authorize-implicit",
      "account-revocation",
    ],
    judge: judgeTokens,
  },
  {
    id: "clients",
    title: "Apps can't pose as others",
    checks: ["registration-script", "registration-fragment", "registration-public", "token-invalid-client"],
  },
  {
    id: "pages",
    title: "The sign-in is protected from other sites",
    checks: ["transport-https", "transport-hsts", "authorize-framing", "authorize-referrer"],
  },
];

const ORDER: readonly Grade[] = ["F", "C", "B", "A"];

export const gradePosture = (evidence: Evidence, findings: readonly Finding[]): readonly PostureGrade[] =>
  ASPECTS.map(({ id, title, checks, judge }) => {
    const judged = withoutSettled(findings.filter((finding) => checks.includes(finding.id))).map(toReason);
    const reasons = [...judged, ...(judge?.(evidence) ?? [])].toSorted(
      (one, other) => ORDER.indexOf(one.grade) - ORDER.indexOf(other.grade),
    );
    // If nothing could be judged, there is no grade.
    const isSeen = reasons.some(({ grade }) => grade !== "B");
    const grade = isSeen ? (reasons[0]?.grade ?? null) : null;
    return { id, title, grade, reasons: reasons.length > 0 ? reasons : [NEEDS_ACCOUNT] };
  });

const GRADES: Readonly<Record<Finding["outcome"], Grade>> = { pass: "A", unknown: "B", warn: "C", fail: "F" };

const NEEDS_ACCOUNT: Reason = { grade: "B", because: "It takes an account to see this: --email" };

/** What couldn't be judged without an account, and which check with an account judges it. */
const SETTLED_BY: Readonly<Record<string, string>> = {
  "authorize-pkce": "account-no-challenge",
  "authorize-plain": "account-plain",
  "authorize-redirect-uri": "account-redirect-suffix",
  "authorize-iss": "account-answer",
};

const withoutSettled = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ id, outcome }) => {
    const settling = findings.find((other) => other.id === SETTLED_BY[id]);
    return outcome !== "unknown" || settling === undefined || settling.outcome === "unknown";
  });

const toReason = ({ id, title, outcome, seen }: Finding): Reason => {
  const holds = outcome === "pass" ? title : `${title}: ${outcome === "unknown" ? "can't be told" : "no"}, ${seen}`;
  return { grade: GRADES[outcome], because: `${holds} (${id})` };
};
