import type { SourceRule } from "./source-rule.ts";
import {
  child,
  children,
  dottedName,
  literalText,
  type Node,
  nameOf,
  nodesIn,
  type Source,
  walkNodes,
} from "./syntax.ts";

/** Names that mean OAuth tokens wherever they occur. */
const CERTAIN = /^((access|refresh|id|bearer|oauth|auth)tokens?|clientsecret|tokenset|tokenresponse)$/;
/** Names that only do so near OAuth code, since compilers and language models have tokens too. */
const PROBABLE = /^(tokens?|credentials?|secret)$/;
const SPEAKS_OAUTH = /\b(oauth|access_?token|refresh_?token|bearer|client_?secret)/i;

const FILE = "a file";

const SINKS: readonly { readonly callee: RegExp; readonly where: string }[] = [
  // `writeFile`, `fs.promises.appendFile`, `fse.outputJson`, and custom names: `writeJsonFile`, `saveFile`.
  { callee: /(^|\.)(write|append|output|save)\w*(file|json)(sync)?$/i, where: FILE },
  { callee: /^Bun\.write$/, where: FILE },
  { callee: /(^|\.)(localStorage|sessionStorage)\.setItem$/, where: "the browser's storage" },
  { callee: /^console\.(log|info|debug|warn|error|trace|dir)$/, where: "a log" },
  { callee: /(^|\.)(logger|log|winston|pino)\.(log|info|debug|warn|error|trace|verbose|silly|fatal)$/, where: "a log" },
];

/** A token that is written unencrypted into a file, the browser's storage or a log. */
export const PLAINTEXT_RULE: SourceRule = {
  id: "source-plaintext",
  title: "Tokens are written nowhere in plain text",
  rule: "RFC 9700 §4.14; RFC 6819 §5.1.4.1; OWASP logging guidance",
  remedy:
    "Keep tokens in memory, in the keychain of the system or encrypted under a key that lies elsewhere. Log that there is one, or its hash.",
  find(source) {
    const found: { node: Node; seen: string }[] = [];
    const speaksOauth = SPEAKS_OAUTH.test(source.text);
    walkNodes(source.program, (node) => {
      if (node.type !== "CallExpression") return;
      const name = dottedName(child(node, "callee"));
      const sink = SINKS.find(({ callee }) => callee.test(name));
      if (!sink) return;
      const written = children(node, "arguments");
      const tokens = written.map((argument) => findToken(argument, source, speaksOauth));
      const token = tokens.find((each) => each !== null) ?? (sink.where === FILE ? findTokenFile(written) : null);
      if (token) found.push({ node, seen: `${token} goes into ${sink.where} as it is` });
    });
    return found;
  },
};

const TOKEN_FILE = /(^|[/\\._-])(oauth[-_])?(tokens?|credentials)\.(json|ya?ml|toml|txt)$/i;
const PATHS = /^(path\.|posix\.)?(join|resolve)$/;

/** A file whose name says that it holds tokens, if what is written into it isn't transformed. */
function findTokenFile(written: readonly Node[]): string | null {
  const name = written
    .flatMap(nodesIn)
    .map(literalText)
    .find((text) => TOKEN_FILE.test(text ?? ""));
  const isMade = written.some((argument) => {
    const callee = argument.type === "CallExpression" ? dottedName(child(argument, "callee")) : "";
    return callee !== "" && !PATHS.test(callee) && !REWRITING.test(callee);
  });
  return name && !isMade ? `what is for ${name}` : null;
}

/** The first token that an expression would write, or null. */
function findToken(node: Node, source: Source, speaksOauth: boolean): string | null {
  if (node.type === "Identifier") return isToken(nameOf(node), speaksOauth) ? nameOf(node) : null;
  if (node.type === "MemberExpression") {
    const name = nameOf(child(node, "property"));
    return isToken(name, speaksOauth) ? dottedName(node) || name : null;
  }
  const found = partsOf(node).map((part) => findToken(part, source, speaksOauth));
  return found.find((each) => each !== null) ?? null;
}

/** The members of a node whose values it passes on unchanged. */
const PASSED_ON: Readonly<Record<string, readonly string[]>> = {
  TemplateLiteral: ["expressions"],
  BinaryExpression: ["left", "right"],
  LogicalExpression: ["left", "right"],
  ConditionalExpression: ["consequent", "alternate"],
  ArrayExpression: ["elements"],
  SpreadElement: ["argument"],
  AwaitExpression: ["argument"],
  TSAsExpression: ["expression"],
  TSNonNullExpression: ["expression"],
  ParenthesizedExpression: ["expression"],
  ChainExpression: ["expression"],
};

function partsOf(node: Node): readonly Node[] {
  if (node.type === "CallExpression") return partsOfCall(node);
  if (node.type === "ObjectExpression") return children(node, "properties").flatMap(writtenOf);
  // `token === other` and `token && …` only say whether there is one.
  if (node.type === "BinaryExpression" && node["operator"] !== "+") return [];
  const keys = node["operator"] === "&&" ? ["right"] : (PASSED_ON[node.type] ?? []);
  return keys.flatMap((key) => [child(node, key), ...children(node, key)]).filter((part) => part !== null);
}

/** Most functions transform a token. These only write it in another way. */
const REWRITING =
  /^(JSON\.stringify|String|Buffer\.from|Object\.assign|util\.inspect|inspect)$|\.(toString|trim|concat)$/;

function partsOfCall(node: Node): readonly Node[] {
  const callee = child(node, "callee");
  if (!REWRITING.test(dottedName(callee))) return [];
  const object = child(callee, "object");
  return [...children(node, "arguments"), ...(object ? [object] : [])];
}

const writtenOf = (property: Node): readonly Node[] => {
  const value = child(property, "value") ?? (property.type === "SpreadElement" ? property : null);
  return value ? [value] : [];
};

function isToken(name: string | null, speaksOauth: boolean): boolean {
  const plain = (name ?? "").replace(/[_-]/g, "").toLowerCase();
  return CERTAIN.test(plain) || (speaksOauth && PROBABLE.test(plain));
}
