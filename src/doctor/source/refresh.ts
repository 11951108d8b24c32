import type { SourceRule } from "./source-rule.ts";
import {
  child,
  children,
  codeOf,
  literalText,
  type Node,
  nameOf,
  nodesIn,
  type Source,
  unitAround,
  walkNodes,
} from "./syntax.ts";

/** A refresh that drops the new refresh token, or a server that returns the old one. */
export const REFRESH_RULE: SourceRule = {
  id: "source-refresh",
  title: "Refresh tokens rotate",
  rule: "OAuth 2.1 §4.3.1; RFC 9700 §4.14.2",
  remedy:
    "Keep the refresh_token of each answer in place of the one before. A server issues a new one at each refresh and ends the old.",
  find(source) {
    const units = new Map<Node, Node>();
    walkNodes(source.program, (node, above) => {
      if (asksForRefresh(node)) {
        const unit = unitAround(node, above, source.program);
        if (!units.has(unit)) units.set(unit, node);
      }
    });
    const lost = [...units]
      .filter(([unit]) => sends(source, unit) && throwsAway(unit))
      .map(([, node]) => ({ node, seen: "a refresh whose answer's refresh_token isn't kept" }));
    return [...lost, ...findGivenBack(source)];
  },
};

/** A request that says grant_type=refresh_token, in a text, an object or a call. */
function asksForRefresh(node: Node): boolean {
  const text = literalText(node);
  if (text !== null) return /\bgrant_type=refresh_token\b/.test(text);
  if (node.type === "Property")
    return isGrantType(nameOf(child(node, "key"))) && literalText(child(node, "value")) === "refresh_token";
  if (node.type !== "CallExpression" || !["set", "append"].includes(nameOf(child(node, "callee")) ?? "")) return false;
  const [name, value] = children(node, "arguments");
  return isGrantType(literalText(name ?? null)) && literalText(value ?? null) === "refresh_token";
}

const isGrantType = (name: string | null): boolean => name === "grant_type" || name === "grantType";
const isRefreshToken = (name: string | null): boolean => /^refresh_?token$/i.test(name ?? "");

const sends = (source: Source, unit: Node): boolean =>
  /\b(fetch|axios|got|ky|request|post)\b/.test(codeOf(source, unit));

/**
 * Whether a function reads the access token of an answer by name, never reads the refresh token, and passes the whole
 * answer to nobody.
 */
function throwsAway(unit: Node): boolean {
  const declared = nodesIn(unit)
    .filter((node) => node.type === "VariableDeclarator" && isAnswer(child(node, "init")))
    .map((node) => child(node, "id"));
  const answers = new Set(declared.filter((id) => id?.type === "Identifier").map((id) => String(id?.["name"])));
  const taken = declared.flatMap((id) => children(id, "properties"));
  const members = nodesIn(unit).filter(
    (node) => node.type === "MemberExpression" && isOneOf(child(node, "object"), answers),
  );
  const names = [
    ...taken.map((property) => child(property, "key")),
    ...members.map((node) => child(node, "property")),
  ].map(nameOf);
  const isKeptWhole = taken.some(({ type }) => type === "RestElement") || areHandedOn(unit, answers);
  return names.some(isAccessToken) && !names.some(isRefreshToken) && !isKeptWhole;
}

function areHandedOn(unit: Node, answers: ReadonlySet<string>): boolean {
  let handedOn = false;
  walkNodes(unit, (node, above) => {
    if (node.type === "Identifier" && answers.has(String(node["name"]))) handedOn ||= isPassedOn(above.at(-1), node);
  });
  return handedOn;
}

const isOneOf = (node: Node | null, answers: ReadonlySet<string>): boolean =>
  isAnswer(node) || (node?.type === "Identifier" && answers.has(String(node["name"])));

const isAccessToken = (name: string | null): boolean => /^access_?token$/i.test(name ?? "");

/** `await response.json()`, `response.data`, and the same in parentheses or with a type. */
function isAnswer(node: Node | null): boolean {
  if (node === null) return false;
  if (
    ["AwaitExpression", "ParenthesizedExpression", "TSAsExpression", "TSNonNullExpression", "ChainExpression"].includes(
      node.type,
    )
  )
    return isAnswer(child(node, "argument") ?? child(node, "expression"));
  if (node.type === "MemberExpression") return nameOf(node) === "data";
  return node.type === "CallExpression" && ["json", "parse"].includes(nameOf(child(node, "callee")) ?? "");
}

/** As an argument, in a spread, in a list or as a return value, since the receiver may keep all of it. */
const isPassedOn = (parent: Node | undefined, node: Node): boolean => {
  if (!parent) return false;
  if (["SpreadElement", "ReturnStatement", "ArrayExpression"].includes(parent.type)) return true;
  if (parent.type === "CallExpression" || parent.type === "NewExpression")
    return children(parent, "arguments").includes(node);
  if (parent.type === "Property") return child(parent, "value") === node;
  return parent.type === "AssignmentExpression" && child(parent, "right") === node;
};

/** An answer with access_token whose refresh_token is the one from the request. */
function findGivenBack(source: Source): readonly { readonly node: Node; readonly seen: string }[] {
  const found: { node: Node; seen: string }[] = [];
  walkNodes(source.program, (node) => {
    if (node.type !== "ObjectExpression") return;
    const properties = children(node, "properties");
    const refresh = properties.find((property) => nameOf(child(property, "key")) === "refresh_token");
    const isAnswerOfServer = properties.some((property) => nameOf(child(property, "key")) === "access_token");
    if (!refresh || !isAnswerOfServer || !isOfRequest(child(refresh, "value"))) return;
    found.push({ node: refresh, seen: "the refresh token of the request is given back" });
  });
  return found;
}

/** `body.refresh_token`, `params.get("refresh_token")`, `req.body.refresh_token`. */
function isOfRequest(value: Node | null): boolean {
  if (value === null) return false;
  const names = nodesIn(value).map((node) => (node.type === "Identifier" ? String(node["name"]) : ""));
  const isRead = nodesIn(value).some((node) => isRefreshToken(nameOf(node)) || isRefreshToken(literalText(node)));
  return (
    isRead && names.some((name) => /^(req|request|body|params|form|formData|query|searchParams|input)$/.test(name))
  );
}
