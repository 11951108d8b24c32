import { parseSync, visitorKeys } from "oxc-parser";

/** A node of the syntax tree (ESTree with TypeScript). */
export type Node = { readonly type: string; readonly start: number; readonly end: number } & Readonly<
  Record<string, unknown>
>;

export type Source = {
  /** Its line and column, as people count them. */
  readonly file: string;
  readonly text: string;
  readonly program: Node;
  readonly comments: readonly { readonly start: number; readonly end: number; readonly value: string }[];
};

export const parseSource = (file: string, text: string): Source => {
  const { program, comments } = parseSync(file, text);
  return { file, text, program: program as unknown as Node, comments };
};

/** Walks through a tree. Each node comes with its ancestors, the parent last. */
export function walkNodes(
  node: Node,
  visit: (node: Node, above: readonly Node[]) => void,
  above: readonly Node[] = [],
): void {
  visit(node, above);
  const inside = [...above, node];
  for (const key of visitorKeys[node.type as keyof typeof visitorKeys] ?? []) {
    const child = node[key];
    for (const each of Array.isArray(child) ? child : [child]) {
      if (isNode(each)) walkNodes(each, visit, inside);
    }
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

/** Every node within one, including itself. */
export function nodesIn(node: Node): readonly Node[] {
  const found: Node[] = [];
  walkNodes(node, (each) => found.push(each));
  return found;
}

/** A member as a node, or null. */
export const child = (node: Node | null, key: string): Node | null => {
  const value = node?.[key];
  return isNode(value) ? value : null;
};

export const children = (node: Node | null, key: string): readonly Node[] => {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
};

/** The text of a literal or a template, leaving out computed parts. */
export function literalText(node: Node | null): string | null {
  if (node?.type === "Literal") return typeof node["value"] === "string" ? node["value"] : null;
  if (node?.type !== "TemplateLiteral") return null;
  return children(node, "quasis")
    .map(({ value }) => (value as { readonly cooked?: string }).cooked ?? "")
    .join(" ");
}

/** The last name of an expression: of an identifier, a member, or the key of a property. */
export function nameOf(node: Node | null): string | null {
  if (node?.type === "Identifier") return String(node["name"]);
  if (node?.type === "MemberExpression") return nameOf(child(node, "property"));
  return node?.type === "Literal" && typeof node["value"] === "string" ? node["value"] : null;
}

/** A dotted name as written, as far as it is one. */
export function dottedName(node: Node | null): string {
  if (node?.type === "Identifier") return String(node["name"]);
  if (node?.type === "ThisExpression") return "this";
  if (node?.type === "ChainExpression" || node?.type === "AwaitExpression")
    return dottedName(child(node, node.type === "AwaitExpression" ? "argument" : "expression"));
  if (node?.type !== "MemberExpression") return "";
  return [dottedName(child(node, "object")), nameOf(child(node, "property"))].filter(Boolean).join(".");
}

const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

/** The outermost function around a node, or the nearest class member. The whole program if there is none. */
export function unitAround(node: Node, above: readonly Node[], program: Node): Node {
  const member = above.findLast(({ type }) => type === "MethodDefinition" || type === "PropertyDefinition");
  return (
    member ?? above.find(({ type }) => FUNCTIONS.includes(type)) ?? (FUNCTIONS.includes(node.type) ? node : program)
  );
}

/** The text of a node, without comments. */
export function codeOf({ text, comments }: Source, { start, end }: Node): string {
  let [code, from] = ["", start];
  for (const comment of comments.filter((each) => each.start >= start && each.end <= end)) {
    code += text.slice(from, comment.start);
    from = comment.end;
  }
  return code + text.slice(from, end);
}

export const lineOf = ({ text }: Source, { start }: { readonly start: number }): number =>
  text.slice(0, start).split("\n").length;
