import { type Answer, describeAnswer, textOf } from "../answer.ts";
import { type Check, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence, TokenProbe } from "../evidence.ts";
import { isAllowedForBrowsers } from "./cors.ts";

const group = "Token endpoint";

/** Judges the answer to one of the requests. */
const ofProbe =
  (probe: TokenProbe, judge: (answer: Answer) => Judgement) =>
  ({ token }: Evidence): Judgement => {
    const answer = token.probes.get(probe);
    if (!answer) return unknown("there is no client to ask as");
    if (answer.trouble) return unknown(answer.trouble);
    return answer.status === 429 ? unknown("the server limits requests; come again later") : judge(answer);
  };

const says = (answer: Answer, statuses: readonly number[], errors: readonly string[]): Judgement =>
  judgeIf(
    statuses.includes(answer.status) && errors.includes(textOf(answer.json, "error") ?? ""),
    () => `the answer is ${describeAnswer(answer)}`,
  );

export const TOKEN_CHECKS: readonly Check[] = [
  {
    id: "token-invalid-grant",
    group,
    title: "A code that isn't good is answered 400 invalid_grant, in JSON",
    rule: "RFC 6749 §5.2",
    remedy: "Answer 400 with error invalid_grant. Clients sign in again on that, but get stuck on 500 or on a page.",
    level: "fail",
    judge: (evidence) => {
      const { origin } = evidence.authorize;
      return ofProbe("wrong code", (answer) =>
        // The doctor can't act for a client of which it only knows the document, and a given secret may be wrong.
        origin !== "registered" && textOf(answer.json, "error") === "invalid_client"
          ? unknown(origin === "given" ? "the client of --client-id isn't taken" : "no client could register")
          : says(answer, [400], ["invalid_grant"]),
      )(evidence);
    },
  },
  {
    id: "token-invalid-client",
    group,
    title: "An unknown client is answered invalid_client",
    rule: "RFC 6749 §5.2; known from Claude and the official SDK, which register again on that",
    remedy: "Answer 401 (or 400) with error invalid_client, or a deleted client never connects again.",
    level: "fail",
    judge: ofProbe("unknown client", (answer) => says(answer, [400, 401], ["invalid_client"])),
  },
  {
    id: "token-unknown-grant",
    group,
    title: "A grant that isn't offered is answered unsupported_grant_type",
    rule: "RFC 6749 §5.2",
    remedy: "Answer 400 with error unsupported_grant_type.",
    level: "warn",
    judge: ofProbe("unknown grant", (answer) => says(answer, [400], ["unsupported_grant_type"])),
  },
  {
    id: "token-post",
    group,
    title: "GET is refused",
    rule: "RFC 6749 §3.2: codes and secrets don't belong into URLs, which are logged",
    remedy: "Answer 405 to everything but POST.",
    level: "fail",
    judge: ofProbe("query", (answer) =>
      // A server that judges the code has read it from the URL.
      judgeIf(
        answer.status >= 400 && textOf(answer.json, "error") !== "invalid_grant",
        () => `GET is answered ${describeAnswer(answer)}`,
      ),
    ),
  },
  {
    id: "token-caching",
    group,
    title: "Answers are not stored",
    rule: "RFC 6749 §5.1; OAuth 2.1 §3.2.3",
    remedy: "Send Cache-Control: no-store with every answer.",
    level: "warn",
    judge: ofProbe("wrong code", ({ headers }) => {
      const control = headers.get("Cache-Control") ?? "";
      return judgeIf(/no-store/i.test(control), `Cache-Control is ${control || "missing"}`);
    }),
  },
  {
    id: "token-cors",
    group,
    title: "A page may ask for tokens",
    rule: "Fetch (CORS protocol); known from MCP Inspector",
    remedy: "Send Access-Control-Allow-Origin with every answer, errors too.",
    level: "warn",
    judge: ofProbe("from browser", (answer) =>
      judgeIf(isAllowedForBrowsers(answer), "there is no Access-Control-Allow-Origin for it"),
    ),
  },
  assertion("token endpoint", "token-assertion-endpoint", "known from ChatGPT, which signs so; RFC 7523 §3", "fail"),
  assertion(
    "issuer",
    "token-assertion-issuer",
    "draft-ietf-oauth-rfc7523bis: it is the only allowed audience; known from some clients",
    "warn",
  ),
];

function assertion(audience: "token endpoint" | "issuer", id: string, rule: string, level: Check["level"]): Check {
  return {
    id,
    group,
    title: `A signed assertion whose audience is the ${audience === "issuer" ? "issuer" : "URL of the token endpoint"} is taken`,
    rule,
    remedy: "Accept both as audience, because clients don't agree on one.",
    level,
    judge: ({ token }) => {
      const answer = token.assertions.get(audience);
      if (!answer || answer.trouble || answer.status === 429) return unknown("no client could register that signs");
      return judgeIf(textOf(answer.json, "error") === "invalid_grant", () => `the answer is ${describeAnswer(answer)}`);
    },
  };
}
