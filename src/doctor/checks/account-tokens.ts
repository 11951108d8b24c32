import type { AccountEvidence } from "../account/account-evidence.ts";
import { ofAccount, ofProbe, refusesCalls } from "../account/judge-account.ts";
import { describeAnswer, textOf } from "../answer.ts";
import { broken, type Check, holds, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence } from "../evidence.ts";

const group = "With an account";

/** Checks of what happens to tokens. */
export const ACCOUNT_TOKEN_CHECKS: readonly Check[] = [
  {
    id: "account-access",
    group,
    title: "The MCP server accepts the token",
    rule: "RFC 6750 §2.1; MCP authorization",
    remedy:
      "Let the server accept tokens that were issued for it. Compare its resource with the audience of the token.",
    level: "fail",
    judge: ofProbe("access", (answer) =>
      judgeIf(answer.status !== 401 && answer.status !== 403, () => `the call is answered ${describeAnswer(answer)}`),
    ),
  },
  {
    id: "account-tampered",
    group,
    title: "A token with one character changed is refused",
    rule: "RFC 6750 §3.1; RFC 9700 §4.10",
    remedy: "Look up whole tokens, or verify their signature.",
    level: "fail",
    judge: refusesCalls("tampered"),
  },
  {
    id: "account-query",
    group,
    title: "A token in the query is not accepted",
    rule: "RFC 9700 §4.3.2; OAuth 2.1 §5.1.1; MCP authorization",
    remedy: "Look for tokens only in the Authorization header, because URLs get into logs and histories.",
    level: "fail",
    judge: refusesCalls("query"),
  },
  {
    id: "account-audience",
    group,
    title: "A token that was requested for another server is not accepted here",
    rule: "RFC 8707 §2; RFC 9700 §4.10.2; MCP authorization",
    remedy:
      "Answer invalid_target to a resource that isn't known or wasn't granted, and check each token's audience at the server.",
    level: "fail",
    judge: ofAccount((account, evidence) => {
      const swapped = judgeSwapped(account, evidence);
      if (swapped && swapped.outcome !== "holds") return swapped;
      const asked = account.answers.get("other resource");
      if (asked && !asked.trouble && !textOf(asked.json, "access_token")) return holds;
      if (swapped && !account.answers.has("access with other resource")) return swapped;
      return refusesCalls("access with other resource")(evidence);
    }),
  },
  {
    id: "account-rotation",
    group,
    title: "A refresh returns another refresh token",
    rule: "OAuth 2.1 §4.3.1; RFC 9700 §4.14.2, for clients without a secret",
    remedy: "Issue a new refresh token at each refresh, and end the previous one.",
    level: "fail",
    judge: ofAccount((account, evidence) =>
      ofProbe("refresh", (answer) => {
        const given = textOf(answer.json, "refresh_token");
        if (answer.status !== 200) return broken(`the refresh is answered ${describeAnswer(answer)}`);
        const before =
          textOf(account.answers.get("other resource")?.json ?? null, "refresh_token") ??
          textOf(account.answers.get("exchange")?.json ?? null, "refresh_token");
        return judgeIf(given !== null && given !== before, given ? "it brings the same one" : "it brings none");
      })(evidence),
    ),
  },
  {
    id: "account-refresh-reuse",
    group,
    title: "A spent refresh token returns nothing new",
    rule: "OAuth 2.1 §4.3.1; RFC 9700 §4.14.2",
    remedy:
      "Refuse a spent refresh token. Within a few seconds the very same pair may be given again, for clients that lost the answer.",
    level: "fail",
    judge: ofProbe("refresh reused", (answer, { answers }) => {
      const again = textOf(answer.json, "access_token");
      const first = answers.get("refresh")?.json ?? null;
      if (!again)
        return judgeIf(answer.status >= 400 && answer.status < 500, () => `it is answered ${describeAnswer(answer)}`);
      const isSamePair =
        again === textOf(first, "access_token") &&
        textOf(answer.json, "refresh_token") === textOf(first, "refresh_token");
      return judgeIf(isSamePair, "it brings other tokens");
    }),
  },
  {
    id: "account-reuse-ends",
    group,
    title: "Using a refresh token twice ends the connection",
    rule: "RFC 9700 §4.14.2",
    remedy: "Revoke the whole family when a spent refresh token is presented: one of the two is a thief.",
    level: "warn",
    judge: ofAccount((account, evidence) =>
      textOf(account.answers.get("refresh reused")?.json ?? null, "access_token")
        ? unknown("the spent token was taken, so nothing was ended")
        : refusesCalls("access after reuse")(evidence),
    ),
  },
  {
    id: "account-revocation",
    group,
    title: "A token that was revoked is refused at once",
    rule: "RFC 7009 §2 and §2.1",
    remedy: "Look tokens up at each call, or keep their lifetime short: a signature alone doesn't show a revocation.",
    level: "fail",
    judge: ofAccount((_, evidence) =>
      textOf(evidence.server.found?.json ?? null, "revocation_endpoint")
        ? refusesCalls("access after revocation")(evidence)
        : unknown("there is no revocation endpoint"),
    ),
  },
];

/** What each of two servers did with the other's token. Null if no second one was named. */
function judgeSwapped({ answers }: AccountEvidence, { other }: Evidence): Judgement | null {
  if (!other) return null;
  const there = answers.get("token at other server");
  const here = answers.get("other server's token here");
  for (const [answer, place] of [
    [there, other.url.href],
    [here, "the server"],
  ] as const) {
    if (answer && !answer.trouble && answer.status !== 401)
      return broken(`${place} answers a token of another server ${describeAnswer(answer)}`);
  }
  if (!there || there.trouble) return unknown(`${other.url.href}: ${there?.trouble ?? "no token was shown there"}`);
  const own = answers.get("other server's token there");
  // A server that refuses every token refuses those of another, too, and shows nothing.
  const takesOwn = own && !own.trouble && own.status !== 401 && own.status !== 403;
  return takesOwn || !hasSignedIn(answers) ? holds : unknown(`no token that ${other.url.href} takes could be had`);
}

/** Whether a browser signed in, and so could get a token for the other server. */
const hasSignedIn = (answers: AccountEvidence["answers"]): boolean => answers.has("exchange");
