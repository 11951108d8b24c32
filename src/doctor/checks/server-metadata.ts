import { type Answer, describeAnswer, silenceOf, textOf, textsOf } from "../answer.ts";
import { broken, type Check, type Judgement, judgeIf, unknown } from "../check.ts";
import { authMethods, takesDocuments } from "../client-identification.ts";
import { type Evidence, isLoopback } from "../evidence.ts";
import { isAllowedForBrowsers } from "./cors.ts";

const group = "Server metadata";

/** Judges the document (RFC 8414). */
const ofDocument =
  (judge: (document: NonNullable<Answer["json"]>, evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement => {
    const document = evidence.server.found?.json;
    return document ? judge(document, evidence) : unknown("there is no server metadata");
  };

/** Judges the values that a member of the document lists. */
const ofList = (member: string, judge: (list: readonly string[]) => boolean) =>
  ofDocument((document) => {
    const list = textsOf(document, member);
    return judgeIf(judge(list ?? []), `${member} is ${list ? `[${list.join(", ")}]` : "missing"}`);
  });

const ENDPOINTS = ["authorization_endpoint", "token_endpoint"] as const;

export const SERVER_METADATA_CHECKS: readonly Check[] = [
  {
    id: "metadata",
    group,
    title: "The server metadata is there, as JSON",
    rule: "RFC 8414 §3; OpenID Connect Discovery §4; MCP authorization",
    remedy: "Answer GET at /.well-known/oauth-authorization-server, with the issuer's path behind it.",
    level: "fail",
    judge: ({ server, issuer }) => {
      const seen = () => server.tried.map((each) => `${each.request}: ${describeAnswer(each)}`).join("; ");
      const silence = silenceOf(server.tried);
      return silence
        ? unknown(silence)
        : judgeIf(server.found !== null, () => seen() || `the authorization server is named ${issuer}`);
    },
  },
  {
    id: "metadata-issuer",
    group,
    title: "issuer is the name that led here, byte for byte",
    rule: "RFC 8414 §3.3; RFC 9207 §2.4",
    remedy: "Write the issuer identically in both places, without a slash at its end. Clients compare strings.",
    level: "fail",
    judge: ofDocument((document, { issuer }) =>
      judgeIf(textOf(document, "issuer") === issuer, `issuer is ${textOf(document, "issuer")}, and ${issuer} led here`),
    ),
  },
  {
    id: "metadata-endpoints",
    group,
    title: "Authorization and token endpoint are there, over https",
    rule: "RFC 8414 §2; OAuth 2.1 §1.5",
    remedy: "Give both endpoints absolute https URLs. http is only for this machine.",
    level: "fail",
    judge: ofDocument((document) => {
      const wrong = ENDPOINTS.filter((name) => !isSafeUrl(textOf(document, name)));
      return judgeIf(
        wrong.length === 0,
        wrong.map((name) => `${name} is ${textOf(document, name) ?? "missing"}`).join("; "),
      );
    }),
  },
  {
    id: "metadata-response-types",
    group,
    title: "response_types_supported has code, and nothing that puts tokens into URLs",
    rule: "RFC 8414 §2; RFC 9700 §2.1.2",
    remedy: 'Let response_types_supported be ["code"]. The official SDK refuses a document without it.',
    level: "fail",
    judge: ofList(
      "response_types_supported",
      (list) => list.includes("code") && !list.some((type) => /\btoken\b/.test(type)),
    ),
  },
  {
    id: "metadata-pkce",
    group,
    title: "PKCE with S256 is offered",
    rule: "RFC 8414 §2; RFC 7636 §4.2; MCP authorization: clients refuse a server that doesn't say so",
    remedy: 'Let code_challenge_methods_supported be ["S256"], and enforce it.',
    level: "fail",
    judge: ofList("code_challenge_methods_supported", (list) => list.includes("S256")),
  },
  {
    id: "metadata-plain",
    group,
    title: "PKCE with plain is not offered",
    rule: "RFC 9700 §2.1.1; RFC 7636 §7.2",
    remedy: "Remove plain from code_challenge_methods_supported, and refuse it.",
    level: "fail",
    judge: ofList("code_challenge_methods_supported", (list) => !list.includes("plain")),
  },
  {
    id: "metadata-grants",
    group,
    title: "Codes and refresh tokens are offered, passwords and the implicit grant aren't",
    rule: "RFC 8414 §2; RFC 9700 §2.1.2 and §2.4",
    remedy:
      "List authorization_code and refresh_token, and remove implicit and password. Without refresh tokens people sign in again at each expiry.",
    level: "warn",
    judge: ofList(
      "grant_types_supported",
      (list) =>
        ["authorization_code", "refresh_token"].every((grant) => list.includes(grant)) &&
        !["implicit", "password"].some((grant) => list.includes(grant)),
    ),
  },
  {
    id: "metadata-public-clients",
    group,
    title: "Clients without a secret are accepted",
    rule: "RFC 8414 §2; RFC 8252 §8.4; known from Claude, which requires it beside metadata documents",
    remedy: "Put none into token_endpoint_auth_methods_supported. Programs on people's machines can't keep a secret.",
    level: "warn",
    judge: ofDocument((document) =>
      judgeIf(authMethods(document).includes("none"), `the methods are ${authMethods(document).join(", ")}`),
    ),
  },
  {
    id: "metadata-identity",
    group,
    title: "An unknown client finds a way in",
    rule: "MCP authorization, client registration; RFC 7591; Client ID Metadata Documents",
    remedy:
      "Set client_id_metadata_document_supported, or name a registration_endpoint. Without both, each client has to be added by hand.",
    level: "warn",
    judge: ofDocument((document) =>
      judgeIf(
        takesDocuments(document) || textOf(document, "registration_endpoint") !== null,
        "there is neither a registration endpoint nor support for metadata documents",
      ),
    ),
  },
  {
    id: "metadata-iss",
    group,
    title: "It promises iss in its answers",
    rule: "RFC 9207 §3; RFC 9700 §4.4.2.1",
    remedy:
      "Put iss into every answer of the authorization endpoint and set authorization_response_iss_parameter_supported. This stops mix-up attacks.",
    level: "warn",
    judge: ofDocument((document) =>
      judgeIf(
        document["authorization_response_iss_parameter_supported"] === true,
        "authorization_response_iss_parameter_supported isn't true",
      ),
    ),
  },
  {
    id: "metadata-one-host",
    group,
    title: "All endpoints are at the issuer's host",
    rule: "known from hosted clients, which may refuse to go to another host; RFC 9700 §4.4",
    remedy: "Serve all endpoints from the issuer's host.",
    level: "warn",
    judge: ofDocument((document) => {
      const issuer = textOf(document, "issuer");
      if (!issuer || !URL.canParse(issuer)) return unknown("there is no issuer");
      const elsewhere = Object.entries(document).filter(
        ([name, value]) =>
          name.endsWith("_endpoint") &&
          URL.canParse(String(value)) &&
          new URL(String(value)).host !== new URL(issuer).host,
      );
      return judgeIf(elsewhere.length === 0, elsewhere.map(([name, value]) => `${name} is ${value}`).join("; "));
    }),
  },
  {
    id: "metadata-cors",
    group,
    title: "A page may read the server metadata",
    rule: "Fetch (CORS protocol); known from MCP Inspector",
    remedy: "Send Access-Control-Allow-Origin with it.",
    level: "warn",
    judge: ofDocument((_, { server }) =>
      judgeIf(isAllowedForBrowsers(server.fromBrowser), "there is no Access-Control-Allow-Origin for it"),
    ),
  },
  {
    id: "metadata-caching",
    group,
    title: "It may be cached for a day at most",
    rule: "RFC 9111 §5.2.2.1; RFC 8414 §6.2: what clients keep must be able to change",
    remedy: "Shorten max-age: a new endpoint or key should be known within a day.",
    level: "warn",
    judge: (evidence) => {
      const control = evidence.server.found?.headers.get("Cache-Control") ?? "";
      if (!evidence.server.found) return unknown("there is no server metadata");
      const seconds = Number(/max-age=(\d+)/i.exec(control)?.[1] ?? 0);
      return seconds > 86_400 || /immutable/i.test(control)
        ? broken(`Cache-Control is ${control}`)
        : { outcome: "holds" };
    },
  },
];

const isSafeUrl = (text: string | null): boolean => {
  if (!text || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
};
