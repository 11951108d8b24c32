import { type Answer, describeAnswer, textOf } from "../answer.ts";
import { broken, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import type { AccountEvidence, AccountProbe, VisitProbe } from "./account-evidence.ts";

export const ofAccount =
  (judge: (account: AccountEvidence, evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement =>
    evidence.account ? judge(evidence.account, evidence) : unknown("it needs an account: --email or --token");

/** Judges the answer to one of the requests. */
export const ofProbe = (probe: AccountProbe, judge: (answer: Answer, account: AccountEvidence) => Judgement) =>
  ofAccount((account) => {
    const answer = account.answers.get(probe);
    if (!answer) return unknown("the walk with the account didn't get that far");
    return answer.trouble ? unknown(answer.trouble) : judge(answer, account);
  });

/** A token request that has to be refused. */
export const refusesTokens = (probe: AccountProbe) =>
  ofProbe(probe, (answer) =>
    textOf(answer.json, "access_token")
      ? broken("it is answered with a token")
      : judgeIf(answer.status >= 400 && answer.status < 500, () => `it is answered ${describeAnswer(answer)}`),
  );

/** A call that has to be refused. */
export const refusesCalls = (probe: AccountProbe) =>
  ofProbe(probe, (answer) => judgeIf(answer.status === 401, () => `the call is answered ${describeAnswer(answer)}`));

/** An authorization request that has to be refused, on a page or by an error. */
export const refusesVisit = (probe: VisitProbe) =>
  ofAccount(({ visits }) => {
    const returned = visits.get(probe);
    if (returned === undefined) return unknown("nobody was sent there");
    return judgeIf(!returned?.params.has("code"), () => `a code was sent to ${returned?.path}`);
  });
