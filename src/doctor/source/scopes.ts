import { isBroad } from "../posture-scopes.ts";
import type { SourceRule } from "./source-rule.ts";
import { child, children, lineOf, literalText, type Node, nameOf, type Source, walkNodes } from "./syntax.ts";

/** Scopes of well-known providers that cover whole accounts, although their names don't say so. */
const BROAD_THERE = [
  "repo",
  "delete_repo",
  "admin:org",
  "https://mail.google.com/",
  "https://www.googleapis.com/auth/drive",
  "https://www.googleapis.com/auth/gmail.modify",
  "https://www.googleapis.com/auth/cloud-platform",
  "Files.ReadWrite.All",
  "Sites.FullControl.All",
  "Directory.ReadWrite.All",
  "Mail.ReadWrite",
];

const KEYS = /^(scopes?|scopes?_?supported|required_?scopes?|default_?scopes?|oauth_?scopes?)$/i;

/** Scopes that cover everything, without a reason given. */
export const SCOPES_RULE: SourceRule = {
  id: "source-scopes",
  title: "Broad scopes have a reason",
  rule: "RFC 9700 §2.3; MCP security best practices, scope minimization",
  remedy: "Ask for the narrowest scope that does it, or write in a comment beside it what takes all of it.",
  find(source) {
    const found: { node: Node; seen: string }[] = [];
    walkNodes(source.program, (node) => {
      for (const text of scopeTexts(node)) {
        const broad = (literalText(text) ?? "").split(/[\s,]+/).filter(isBroadAnywhere);
        if (broad.length > 0 && !hasReason(source, text))
          found.push({ node: text, seen: `the scope ${broad.join(" and ")}` });
      }
    });
    return found;
  },
};

const isBroadAnywhere = (scope: string): boolean =>
  isBroad(scope) || BROAD_THERE.includes(scope) || /\/\.default$/.test(scope);

/** The texts that a node assigns to something whose name says scopes. */
function scopeTexts(node: Node): readonly Node[] {
  if (node.type === "Property" || node.type === "PropertyDefinition")
    return KEYS.test(nameOf(child(node, "key")) ?? "") ? textsOf(child(node, "value")) : [];
  if (node.type === "VariableDeclarator")
    return KEYS.test(nameOf(child(node, "id")) ?? "") ? textsOf(child(node, "init")) : [];
  if (node.type !== "CallExpression" || !["set", "append"].includes(nameOf(child(node, "callee")) ?? "")) return [];
  const [name, value] = children(node, "arguments");
  return literalText(name ?? null) === "scope" ? textsOf(value ?? null) : [];
}

/**
 * A text, the texts of a list, or those of a joined list. An object gives its scopes sentences, which count as reasons.
 */
function textsOf(node: Node | null): readonly Node[] {
  if (node === null) return [];
  if (literalText(node) !== null) return [node];
  if (node.type === "ArrayExpression") return children(node, "elements").flatMap(textsOf);
  if (node.type === "TSAsExpression" || node.type === "TSSatisfiesExpression")
    return textsOf(child(node, "expression"));
  const callee = node.type === "CallExpression" ? child(node, "callee") : null;
  return nameOf(callee) === "join" ? textsOf(child(callee, "object")) : [];
}

/** A comment of three words or more on the line or the one before. */
function hasReason(source: Source, node: Node): boolean {
  const line = lineOf(source, node);
  return source.comments.some(({ start, end, value }) => {
    const isNear = lineOf(source, { start }) === line || lineOf(source, { start: end }) === line - 1;
    return isNear && (value.match(/\p{L}{2,}/gu) ?? []).length >= 3;
  });
}
