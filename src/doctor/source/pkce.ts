import type { SourceRule } from "./source-rule.ts";
import {
  child,
  children,
  codeOf,
  literalText,
  type Node,
  nameOf,
  type Source,
  unitAround,
  walkNodes,
} from "./syntax.ts";

/** An authorization request that is built in a function without any sign of PKCE. */
export const PKCE_RULE: SourceRule = {
  id: "source-pkce",
  title: "Authorization requests have a code_challenge",
  rule: "OAuth 2.1 §4.1.1; RFC 9700 §2.1.1; MCP authorization",
  remedy:
    "Make a verifier for each request, send its SHA-256 as code_challenge with code_challenge_method S256, and the verifier with the code.",
  find(source) {
    const found: { node: Node; seen: string }[] = [];
    const flagged = new Set<Node>();
    walkNodes(source.program, (node, above) => {
      if (!asksForCode(node)) return;
      const unit = unitAround(node, above, source.program);
      if (flagged.has(unit) || hasChallenge(source, unit)) return;
      flagged.add(unit);
      found.push({ node, seen: "an authorization request without code_challenge" });
    });
    return found;
  },
};

/** Whether a node gives a request its response_type for a code: in a URL, in an object, or by a call. */
function asksForCode(node: Node): boolean {
  const text = literalText(node);
  if (text !== null) return /[?&]response_type=code\b/.test(text);
  if (node.type === "Property")
    return nameOf(child(node, "key")) === "response_type" && literalText(child(node, "value")) === "code";
  if (node.type !== "CallExpression" || !["set", "append"].includes(nameOf(child(node, "callee")) ?? "")) return false;
  const [name, value] = children(node, "arguments");
  return literalText(name ?? null) === "response_type" && literalText(value ?? null) === "code";
}

/** Whether the function names a challenge, or spreads something whose name says so. */
const hasChallenge = (source: Source, unit: Node): boolean =>
  /code_?challenge|\.\.\.\s*\w*(pkce|challenge)/i.test(codeOf(source, unit));
