import { textOf } from "../answer.ts";
import { type AuthorizeOutcome, authorizeOutcome, saySentBack } from "../authorize-outcome.ts";
import { broken, type Check, holds, type Judgement, judgeIf, unknown } from "../check.ts";
import type { AuthorizeEvidence, AuthorizeProbe, Evidence } from "../evidence.ts";

const group = "Authorization endpoint";
const NEEDS_ACCOUNT = "the server says so only to somebody who signed in";

/** Judges where one of the requests led. */
const ofProbe =
  (probe: AuthorizeProbe, judge: (outcome: AuthorizeOutcome, evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement => {
    const { client, probes } = evidence.authorize;
    if (!client && probe !== "unknown client") return unknown("there is no client to ask as");
    const redirectUri = client?.redirectUri ?? "https://client.invalid/callback";
    const outcome = authorizeOutcome(probes.get(probe), redirectOf(probe, redirectUri));
    return outcome.kind === "no answer" ? unknown(outcome.why) : judge(outcome, evidence);
  };

function redirectOf(probe: AuthorizeProbe, redirectUri: string): string {
  if (probe === "unknown client") return "https://client.invalid/callback";
  if (probe === "suffix") return `${redirectUri}/suffix`;
  return probe === "other port" ? redirectUri.replace(/:\d+\//, ":53220/") : redirectUri;
}

/** Judges a request that has to be refused. If it leads to a sign-in page, it may still be refused after that. */
const refuses = (probe: AuthorizeProbe) =>
  ofProbe(probe, (outcome, { authorize }) => {
    if (outcome.kind === "refused") return saysAsSilent(outcome, authorize) ? unknown(NEEDS_ACCOUNT) : holds;
    if (outcome.kind !== "sent back") return unknown(NEEDS_ACCOUNT);
    const error = outcome.params.get("error");
    if (error && NEEDS_PERSON.includes(error)) return unknown(NEEDS_ACCOUNT);
    return error ? holds : broken("it is granted");
  });

/**
 * Whether a page only says that nobody is signed in, as some servers do, and so doesn't reveal what is wrong with the
 * request.
 */
function saysAsSilent({ said }: { readonly said: string }, { probes, client }: AuthorizeEvidence): boolean {
  const silent = authorizeOutcome(probes.get("silent"), client?.redirectUri ?? "");
  return silent.kind === "refused" && withoutIds(silent.said) === withoutIds(said);
}

/** The answer to a request that allows no page when nobody is signed in (OpenID Connect Core §3.1.2.6). */
const NEEDS_PERSON = ["login_required", "interaction_required", "consent_required", "account_selection_required"];

/** A text without the parts that differ in each answer: references and times. */
const withoutIds = (text: string): string => text.replace(/\w*(\d|[a-z][A-Z])\w*/g, "");

/** Judges the error for a request that allows no page, and so is answered at once. */
const ofSentBack = (judge: (params: URLSearchParams, evidence: Evidence) => Judgement) =>
  ofProbe("silent", (outcome, evidence) =>
    outcome.kind === "sent back" ? judge(outcome.params, evidence) : unknown("no error was sent back to the client"),
  );

const say = (outcome: AuthorizeOutcome): string => {
  if (outcome.kind === "refused") return `it is refused: ${outcome.said}`;
  return outcome.kind === "sent back" ? `it is sent back: ${saySentBack(outcome.params)}` : "";
};

export const AUTHORIZE_CHECKS: readonly Check[] = [
  {
    id: "authorize",
    group,
    title: "A good request leads to a page",
    rule: "RFC 6749 §4.1.1; OAuth 2.1 §4.1.1; RFC 8707 §2",
    remedy: "Accept a registered loopback redirect URI, PKCE with S256, and the resource of the metadata.",
    level: "fail",
    judge: ofProbe("good", (outcome) => judgeIf(outcome.kind === "goes on", () => say(outcome))),
  },
  {
    id: "authorize-unknown-client",
    group,
    title: "An unknown client gets an error page, not a redirect",
    rule: "RFC 6749 §4.1.2.1; RFC 9700 §4.11",
    remedy:
      "Check client and redirect URI first, and show an error page if either is wrong: a redirect would send people wherever a stranger likes.",
    level: "fail",
    judge: ofProbe("unknown client", (outcome) =>
      outcome.kind === "goes on"
        ? unknown(NEEDS_ACCOUNT)
        : judgeIf(outcome.kind === "refused", "the answer redirects to its redirect URI"),
    ),
  },
  {
    id: "authorize-redirect-uri",
    group,
    title: "A redirect URI is compared whole: a suffix is another",
    rule: "RFC 9700 §2.1; OAuth 2.1 §2.3.1",
    remedy: "Compare redirect URIs as strings, and let only the port of a loopback URI differ.",
    level: "fail",
    judge: ofProbe("suffix", (outcome, { authorize }) => {
      if (outcome.kind !== "goes on") return judgeIf(outcome.kind === "refused", "the answer redirects to it");
      const stranger = authorizeOutcome(authorize.probes.get("unknown client"), "https://client.invalid/callback");
      // A server that refuses an unknown client before the sign-in would also refuse an unknown address.
      return stranger.kind === "refused" && authorize.origin !== "document"
        ? broken("the request goes on to a page, with a redirect URI that was never registered")
        : unknown(NEEDS_ACCOUNT);
    }),
  },
  {
    id: "authorize-loopback-port",
    group,
    title: "A loopback redirect URI may have any port",
    rule: "RFC 8252 §7.3; known from Claude Code, Codex and VS Code, which use any free port",
    remedy: "Ignore the port when both URIs are http on 127.0.0.1, [::1] or localhost.",
    level: "fail",
    judge: ofProbe("other port", (outcome) => judgeIf(outcome.kind === "goes on", () => say(outcome))),
  },
  {
    id: "authorize-pkce",
    group,
    title: "A request without code_challenge is refused",
    rule: "OAuth 2.1 §4.1.1; RFC 9700 §2.1.1; MCP authorization",
    remedy: "Send invalid_request back to a client that sends no code_challenge.",
    level: "fail",
    judge: refuses("no challenge"),
  },
  {
    id: "authorize-plain",
    group,
    title: "A request with the method plain is refused",
    rule: "RFC 7636 §4.4.1 and §7.2; RFC 9700 §2.1.1",
    remedy: "Send invalid_request back to a client that asks for plain.",
    level: "fail",
    judge: refuses("plain"),
  },
  {
    id: "authorize-implicit",
    group,
    title: "A token is never given by redirect",
    rule: "RFC 9700 §2.1.2; OAuth 2.1 §10",
    remedy: "Send unsupported_response_type back for anything but code.",
    level: "fail",
    judge: refuses("implicit"),
  },
  {
    id: "authorize-state",
    group,
    title: "An error comes back with the state, unchanged",
    rule: "RFC 6749 §4.1.2.1",
    remedy: "Encode state as one parameter, and never paste it into a URL.",
    level: "fail",
    judge: ofSentBack((params, { authorize }) =>
      judgeIf(
        params.getAll("state").join() === authorize.state,
        () => `state was ${authorize.state} and came back as ${params.get("state")}`,
      ),
    ),
  },
  {
    id: "authorize-iss",
    group,
    title: "An error comes back with the issuer's iss, once",
    rule: "RFC 9207 §2; known from the official SDK 2.x, which refuses a wrong or missing one where it was promised",
    remedy: "Put iss into errors as well as into codes, and never take it from the request.",
    level: "fail",
    judge: ofSentBack((params, { server }) => {
      const document = server.found?.json ?? null;
      const values = params.getAll("iss");
      if (values.length === 0 && document?.["authorization_response_iss_parameter_supported"] !== true)
        return unknown("the server doesn't promise it");
      return judgeIf(values.join() === textOf(document, "issuer"), `iss is ${values.join(" and ") || "missing"}`);
    }),
  },
  {
    id: "authorize-scope",
    group,
    title: "An unknown scope doesn't end the request",
    rule: "RFC 6749 §3.3; known from mcp-remote and others, which always ask for openid and offline_access",
    remedy: "Drop unknown scopes, and say in the token's answer which ones were granted.",
    level: "warn",
    judge: ofProbe("unknown scope", (outcome) => judgeIf(outcome.kind === "goes on", () => say(outcome))),
  },
  {
    id: "authorize-resource-slash",
    group,
    title: "A resource that is an origin is accepted with and without a slash",
    rule: "RFC 3986 §6.2.3; known from clients whose URL library adds the slash",
    remedy: "Compare resource as URLs, where an empty path and a slash are the same.",
    level: "warn",
    judge: (evidence) =>
      // A resource with a path can't be confused.
      evidence.authorize.probes.has("resource slash")
        ? ofProbe("resource slash", (outcome) => judgeIf(outcome.kind === "goes on", () => say(outcome)))(evidence)
        : holds,
  },
  {
    id: "authorize-framing",
    group,
    title: "The page can't be framed",
    rule: "RFC 9700 §4.16",
    remedy: "Send Content-Security-Policy: frame-ancestors 'none' (and X-Frame-Options: DENY for old browsers).",
    level: "fail",
    judge: ofGoodPage((headers) => {
      const policy = headers.get("Content-Security-Policy") ?? "";
      const isClosed = /frame-ancestors/i.test(policy) || headers.has("X-Frame-Options");
      return judgeIf(isClosed, "there is neither frame-ancestors nor X-Frame-Options");
    }),
  },
  {
    id: "authorize-referrer",
    group,
    title: "The page doesn't tell others its address",
    rule: "RFC 9700 §4.2.4",
    remedy: "Send Referrer-Policy: no-referrer.",
    level: "warn",
    judge: ofGoodPage((headers) => {
      const policy = headers.get("Referrer-Policy") ?? "";
      return judgeIf(
        /no-referrer|same-origin|strict-origin\b/i.test(policy),
        `Referrer-Policy is ${policy || "missing"}`,
      );
    }),
  },
];

function ofGoodPage(judge: (headers: Headers) => Judgement) {
  return ({ authorize }: Evidence): Judgement =>
    authorize.page ? judge(authorize.page.headers) : unknown("there was no page");
}
