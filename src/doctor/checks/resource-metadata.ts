import { type Answer, describeAnswer, silenceOf, textOf, textsOf } from "../answer.ts";
import { readBearerChallenge } from "../bearer-challenge.ts";
import { broken, type Check, holds, type Judgement, judgeIf, unknown } from "../check.ts";
import type { Evidence } from "../evidence.ts";
import { isAllowedForBrowsers } from "./cors.ts";

const group = "Resource metadata";

/** Judges the document (RFC 9728). */
const ofDocument =
  (judge: (document: Answer["json"], evidence: Evidence) => Judgement) =>
  (evidence: Evidence): Judgement => {
    if (!evidence.resource) return unknown("the URL is an authorization server's");
    const { found } = evidence.resource.metadata;
    return found ? judge(found.json, evidence) : unknown("there is no resource metadata");
  };

export const RESOURCE_METADATA_CHECKS: readonly Check[] = [
  {
    id: "resource-metadata",
    group,
    title: "The resource metadata is there, as JSON",
    rule: "RFC 9728 §3; MCP authorization",
    remedy:
      "Answer GET at the address that the challenge names, which is /.well-known/oauth-protected-resource with the path of the server behind it.",
    level: "fail",
    judge: ({ resource }) => {
      if (!resource) return unknown("the URL is an authorization server's");
      const seen = () => resource.metadata.tried.map((each) => `${each.request}: ${describeAnswer(each)}`).join("; ");
      const silence = silenceOf(resource.metadata.tried);
      return silence ? unknown(silence) : judgeIf(resource.metadata.found !== null, seen);
    },
  },
  {
    id: "resource-metadata-type",
    group,
    title: "Its content type is application/json",
    rule: "RFC 9728 §3.2",
    remedy: "Send Content-Type: application/json.",
    level: "warn",
    judge: ofDocument((_, { resource }) => {
      const type = resource?.metadata.found?.headers.get("Content-Type") ?? "";
      return judgeIf(/^application\/json\b/i.test(type), `it is ${type || "missing"}`);
    }),
  },
  {
    id: "resource-matches",
    group,
    title: "resource is the URL that the client connects to",
    rule: "RFC 9728 §3.3",
    remedy: "Let resource be the server's own URL as people paste it, with its path, and without an added slash.",
    level: "fail",
    judge: ofDocument((document, { target }) => {
      const uri = textOf(document, "resource");
      if (!uri || !URL.canParse(uri)) return broken(uri ? `resource is ${uri}` : "there is no resource");
      return judgeIf(new URL(uri).href === target.href, `resource is ${uri}, and the client asked at ${target.href}`);
    }),
  },
  {
    id: "resource-servers",
    group,
    title: "It names an authorization server",
    rule: "RFC 9728 §2; MCP authorization",
    remedy:
      "Put the issuer into authorization_servers, byte for byte as in the issuer's own metadata. Clients use the first one.",
    level: "fail",
    judge: ofDocument((document) => {
      const [first] = textsOf(document, "authorization_servers") ?? [];
      return judgeIf(first !== undefined && URL.canParse(first), `the first is ${first ?? "missing"}`);
    }),
  },
  {
    id: "resource-scopes",
    group,
    title: "The challenge or the metadata says which scopes there are",
    rule: "RFC 9728 §2; MCP authorization, scope selection",
    remedy:
      "Put scope into the challenge, or scopes_supported into the metadata. Clients ask for everything that they find. If they find nothing, they ask for nothing or for openid.",
    level: "warn",
    judge: ofDocument((document, { resource }) => {
      const challenge = readBearerChallenge(resource?.withoutToken.headers.get("WWW-Authenticate") ?? null);
      const isSaid = Boolean(challenge?.["scope"] || textsOf(document, "scopes_supported")?.length);
      return judgeIf(isSaid, "neither has any");
    }),
  },
  {
    id: "resource-bearer-methods",
    group,
    title: "Tokens are accepted only in the header",
    rule: "RFC 9700 §4.3.2; OAuth 2.1 §5.1.1; MCP authorization",
    remedy: 'Accept tokens only in the Authorization header, and say so: bearer_methods_supported is ["header"].',
    level: "fail",
    judge: ofDocument((document) => {
      const methods = textsOf(document, "bearer_methods_supported") ?? [];
      return methods.includes("query") ? broken(`bearer_methods_supported is ${methods.join(", ")}`) : holds;
    }),
  },
  {
    id: "resource-metadata-cors",
    group,
    title: "A page may read the resource metadata",
    rule: "Fetch (CORS protocol); known from MCP Inspector",
    remedy: "Send Access-Control-Allow-Origin: * with it, since nothing in it is secret.",
    level: "warn",
    judge: ofDocument((_, { resource }) => {
      const answer = resource?.metadata.fromBrowser ?? null;
      return judgeIf(isAllowedForBrowsers(answer), "there is no Access-Control-Allow-Origin for it");
    }),
  },
];
