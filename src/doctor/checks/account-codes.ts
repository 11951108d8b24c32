import { ofAccount, ofProbe, refusesCalls, refusesTokens, refusesVisit } from "../account/judge-account.ts";
import { describeAnswer, textOf } from "../answer.ts";
import { broken, type Check, judgeIf, unknown } from "../check.ts";

const group = "With an account";

/** Checks of the sign-in and of what happens to a code. */
export const ACCOUNT_CODE_CHECKS: readonly Check[] = [
  {
    id: "account-tokens",
    group,
    title: "A code is answered with a token, its scope and its lifetime",
    rule: "RFC 6749 §5.1; known from the official SDK, which takes a missing scope for none",
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
    rule: "RFC 7636 §4.6 and §7.2: anybody who sees the request could redeem the code",
    remedy: "Compare with the method of the request, which is S256, and never with plain.",
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
    title: "Using a code twice ends the tokens that it got",
    rule: "RFC 6749 §4.1.2",
    remedy: "Revoke the tokens of a code that is presented again, because somebody may have stolen it.",
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
];
