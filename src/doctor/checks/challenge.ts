import { describeAnswer } from "../answer.ts";
import { readBearerChallenge } from "../bearer-challenge.ts";
import { type Check, type Judgement, judgeIf, unknown } from "../check.ts";
import { INSPECTOR_ORIGIN } from "../client-profiles.ts";
import type { Evidence, ResourceEvidence } from "../evidence.ts";

const group = "Challenge";

/** Judges what an MCP server answers. An authorization server alone has no challenge. */
const ofResource =
  (judge: (resource: ResourceEvidence, evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement => {
    if (!evidence.resource) return unknown("the URL is an authorization server's");
    const { trouble } = evidence.resource.withoutToken;
    return trouble ? unknown(`the server: ${trouble}`) : judge(evidence.resource, evidence);
  };

const challengeOf = ({ headers }: ResourceEvidence["withoutToken"]) =>
  readBearerChallenge(headers.get("WWW-Authenticate"));

export const CHALLENGE_CHECKS: readonly Check[] = [
  {
    id: "challenge-status",
    group,
    title: "A request without a token is answered 401",
    rule: "RFC 6750 §3; MCP authorization",
    remedy:
      "Answer 401 to every request without a token, before anything else looks at it. Only a 401 makes clients sign in.",
    level: "fail",
    judge: ofResource(({ withoutToken }) =>
      judgeIf(withoutToken.status === 401, () => `the answer is ${describeAnswer(withoutToken)}`),
    ),
  },
  {
    id: "challenge-header",
    group,
    title: "The 401 has a Bearer challenge",
    rule: "RFC 9110 §11.6.1; RFC 6750 §3",
    remedy: "Send WWW-Authenticate: Bearer with each 401.",
    level: "fail",
    judge: ofResource(({ withoutToken }) =>
      withoutToken.status === 401
        ? judgeIf(challengeOf(withoutToken) !== null, "WWW-Authenticate has no Bearer challenge")
        : unknown("there is no 401"),
    ),
  },
  {
    id: "challenge-resource-metadata",
    group,
    title: "The challenge says where the resource metadata is, on the same origin",
    rule: "RFC 9728 §5.1; MCP authorization",
    remedy:
      'Add resource_metadata="https://…/.well-known/oauth-protected-resource…" to the challenge. Without it, some clients guess, and others give up.',
    level: "fail",
    judge: ofResource(({ withoutToken }, { target }) => {
      const challenge = challengeOf(withoutToken);
      if (!challenge) return unknown("there is no challenge");
      const url = challenge["resource_metadata"];
      if (!url) return { outcome: "broken", seen: "the challenge has no resource_metadata" };
      const isThere = URL.canParse(url) && new URL(url).origin === target.origin;
      return judgeIf(isThere, `resource_metadata is ${url}`);
    }),
  },
  {
    id: "challenge-bare",
    group,
    title: "The challenge names no error if there was no token",
    rule: "RFC 6750 §3.1",
    remedy: "Leave error and error_description out of the challenge to a request that had no token.",
    level: "warn",
    judge: ofResource(({ withoutToken }) => {
      const challenge = challengeOf(withoutToken);
      return challenge
        ? judgeIf(challenge["error"] === undefined, `error is ${challenge["error"]}`)
        : unknown("there is no challenge");
    }),
  },
  {
    id: "challenge-invalid-token",
    group,
    title: "A made-up token is answered 401 invalid_token",
    rule: "RFC 6750 §3.1",
    remedy:
      'Answer 401 with error="invalid_token" in the challenge. Clients refresh on that, but 403, 400 and 500 leave them stuck.',
    level: "fail",
    judge: ofResource(({ withWrongToken }) => {
      if (withWrongToken.trouble) return unknown(withWrongToken.trouble);
      const error = challengeOf(withWrongToken)?.["error"];
      return judgeIf(
        withWrongToken.status === 401 && error === "invalid_token",
        () =>
          `the answer is ${describeAnswer(withWrongToken)}, with ${error ? `error ${error}` : "no error"} in the challenge`,
      );
    }),
  },
  {
    id: "challenge-cors",
    group,
    title: "A page may read the challenge",
    rule: "Fetch (CORS protocol); known from MCP Inspector, which connects from a page",
    remedy:
      "Allow the origins that may call, answer OPTIONS before the token is asked for, and expose WWW-Authenticate.",
    level: "warn",
    judge: ofResource(({ preflight, fromBrowser }) => {
      if (fromBrowser.status !== 401) return unknown("there is no 401");
      const [allowed, exposed] = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"].map(
        (name) => fromBrowser.headers.get(name) ?? "",
      );
      const isAllowed = preflight.status < 300 && ["*", INSPECTOR_ORIGIN].includes(allowed ?? "");
      return judgeIf(
        isAllowed && /www-authenticate|^\*$/i.test(exposed ?? ""),
        () => `OPTIONS is answered ${describeAnswer(preflight)}; allowed is "${allowed}", exposed "${exposed}"`,
      );
    }),
  },
];
