import type { AccountEvidence, AccountProbe, VisitProbe } from "../account/account-evidence.ts";
import { type Answer, describeAnswer, textOf } from "../answer.ts";
import { broken, type Check, holds, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence } from "../evidence.ts";

const group = "With an account";

const ofAccount =
  (judge: (account: AccountEvidence, evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement =>
    evidence.account ? judge(evidence.account, evidence) : unknown("it needs an account: --email or --token");

/** Judges the answer to one of the requests. */
const ofProbe = (probe: AccountProbe, judge: (answer: Answer, account: AccountEvidence) => Judgement) =>
  ofAccount((account) => {
    const answer = account.answers.get(probe);
    if (!answer) return unknown("the walk with the account didn't come so far");
    return answer.trouble ? unknown(answer.trouble) : judge(answer, account);
  });

/** A token request that has to be refused. */
const refusesTokens = (probe: AccountProbe) =>
  ofProbe(probe, (answer) =>
    textOf(answer.json, "access_token")
      ? broken("it is answered with a token")
      : judgeIf(answer.status >= 400 && answer.status < 500, () => `it is answered ${describeAnswer(answer)}`),
  );

/** A call that has to be refused. */
const refusesCalls = (probe: AccountProbe) =>
  ofProbe(probe, (answer) => judgeIf(answer.status === 401, () => `the call is answered ${describeAnswer(answer)}`));

/** An authorization request that has to be refused, on a page or by an error. */
const refusesVisit = (probe: VisitProbe) =>
  ofAccount(({ visits }) => {
    const returned = visits.get(probe);
    if (returned === undefined) return unknown("nobody was sent there");
    return judgeIf(!returned?.params.has("code"), () => `a code was sent to ${returned?.path}`);
  });

export const ACCOUNT_CHECKS: readonly Check[] = [
  {
    id: "account-tokens",
    group,
    title: "A code is answered with a token, its scope and its lifetime",
    rule: "RFC 6749 §5.1; known of the official SDK, which takes a missing scope for none",
    remedy: "Answer with access_token, token_type Bearer, expires_in and scope.",
    level: "fail",
    judge: ofProbe("exchange", (answer) => {
      const missing = ["access_token", "token_type", "expires_in", "scope"].filter(
        (name) => answer.json?.[name] === undefined,
      );
      return judgeIf(missing.length === 0, () =>
        answer.status === 200 ? `the answer lacks ${missing.join(" and ")}` : `the answer is ${describeAnswer(answer)}`,
      );
    }),
  },
  {
    id: "account-access",
    group,
    title: "The token is taken at the MCP server",
    rule: "RFC 6750 §2.1; MCP authorization",
    remedy: "Let the server take tokens that were issued for it. Compare its resource with the audience of the token.",
    level: "fail",
    judge: ofProbe("access", (answer) =>
      judgeIf(answer.status !== 401 && answer.status !== 403, () => `the call is answered ${describeAnswer(answer)}`),
    ),
  },
  {
    id: "account-answer",
    group,
    title: "The state comes back unchanged, with the issuer's iss and no other",
    rule: "RFC 6749 §4.1.2; RFC 9207 §2 and §4",
    remedy: "Encode state as one parameter. Take iss from the configuration, never from the request.",
    level: "fail",
    judge: ofAccount(({ signIn }, { server }) => {
      if (!signIn) return unknown("nobody signed in");
      const { params } = signIn.returned;
      if (params.getAll("state").join() !== signIn.state)
        return broken(`the state came back as ${params.get("state")}`);
      const forged = params.getAll("iss").filter((iss) => iss !== textOf(server.found?.json ?? null, "issuer"));
      const isPromised = server.found?.json?.["authorization_response_iss_parameter_supported"] === true;
      if (forged.length > 0) return broken(`iss came back as ${forged.join(" and ")}`);
      return judgeIf(
        params.getAll("iss").length === 1 || !isPromised,
        "iss was promised and is missing, or there twice",
      );
    }),
  },
  {
    id: "account-verifier",
    group,
    title: "A code with a wrong verifier is refused",
    rule: "RFC 7636 §4.6",
    remedy: "Compare the SHA-256 of code_verifier with the challenge before anything is issued.",
    level: "fail",
    judge: refusesTokens("wrong verifier"),
  },
  {
    id: "account-verifier-plain",
    group,
    title: "The challenge itself is no verifier",
    rule: "RFC 7636 §4.6 and §7.2: whoever sees the request could redeem the code",
    remedy: "Compare by the method of the request, which is S256, and never by plain.",
    level: "fail",
    judge: refusesTokens("challenge as verifier"),
  },
  {
    id: "account-redirect-uri",
    group,
    title: "A code with another redirect_uri is refused",
    rule: "RFC 6749 §4.1.3; OAuth 2.1 leaves it out",
    remedy: "Where redirect_uri is sent, compare it with that of the authorization request.",
    level: "warn",
    judge: refusesTokens("redirect suffix"),
  },
  {
    id: "account-code-replay",
    group,
    title: "A code is good once",
    rule: "RFC 6749 §4.1.2; RFC 9700 §4.2.4",
    remedy: "Spend the code in the same step that issues tokens, so that a second request finds it spent.",
    level: "fail",
    judge: refusesTokens("replay"),
  },
  {
    id: "account-code-replay-revokes",
    group,
    title: "A code that comes twice ends what it got",
    rule: "RFC 6749 §4.1.2",
    remedy: "Revoke the tokens of a code that is presented again: somebody has stolen it.",
    level: "warn",
    judge: refusesCalls("access after replay"),
  },
  {
    id: "account-no-challenge",
    group,
    title: "A signed-in person's app gets no code without PKCE",
    rule: "OAuth 2.1 §4.1.1; RFC 9700 §2.1.1",
    remedy: "Refuse requests without code_challenge.",
    level: "fail",
    judge: refusesVisit("no challenge"),
  },
  {
    id: "account-plain",
    group,
    title: "A signed-in person's app gets no code with plain",
    rule: "RFC 7636 §7.2; RFC 9700 §2.1.1",
    remedy: "Refuse code_challenge_method plain.",
    level: "fail",
    judge: refusesVisit("plain"),
  },
  {
    id: "account-redirect-suffix",
    group,
    title: "No code goes to a redirect URI with a suffix",
    rule: "RFC 9700 §2.1; OAuth 2.1 §2.3.1",
    remedy: "Compare redirect URIs as strings, and let only the port of a loopback URI differ.",
    level: "fail",
    judge: refusesVisit("suffix"),
  },
  {
    id: "account-tampered",
    group,
    title: "A token with one character changed is refused",
    rule: "RFC 6750 §3.1; RFC 9700 §4.10",
    remedy: "Look tokens up whole, or verify their signature.",
    level: "fail",
    judge: refusesCalls("tampered"),
  },
  {
    id: "account-query",
    group,
    title: "A token in the query is not taken",
    rule: "RFC 9700 §4.3.2; OAuth 2.1 §5.1.1; MCP authorization",
    remedy: "Look for tokens in the Authorization header alone: URLs get into logs and histories.",
    level: "fail",
    judge: refusesCalls("query"),
  },
  {
    id: "account-audience",
    group,
    title: "A token that was asked for another server is not taken here",
    rule: "RFC 8707 §2; RFC 9700 §4.10.2; MCP authorization",
    remedy:
      "Answer invalid_target to a resource that isn't known or wasn't granted, and check each token's audience at the server.",
    level: "fail",
    judge: ofAccount((account, evidence) => {
      const asked = account.answers.get("other resource");
      if (asked && !asked.trouble && !textOf(asked.json, "access_token")) return holds;
      return refusesCalls("access with other resource")(evidence);
    }),
  },
  {
    id: "account-rotation",
    group,
    title: "A refresh brings another refresh token",
    rule: "OAuth 2.1 §4.3.1; RFC 9700 §4.14.2, for clients without a secret",
    remedy: "Issue a new refresh token at each refresh and end the one before.",
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
    title: "A refresh token that is spent brings nothing new",
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
    title: "A refresh token that comes twice ends the connection",
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
    remedy: "Look tokens up at each call, or keep their lifetime short: a signature alone doesn't know of revocation.",
    level: "fail",
    judge: ofAccount((_, evidence) =>
      textOf(evidence.server.found?.json ?? null, "revocation_endpoint")
        ? refusesCalls("access after revocation")(evidence)
        : unknown("there is no revocation endpoint"),
    ),
  },
];
