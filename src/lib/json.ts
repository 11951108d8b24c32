const MAX_DEPTH = 32;

/**
 * Parses JSON that a stranger sent. Throws SyntaxError for what isn't JSON, and for what JSON allows and nothing behind us
 * can store or walk: NUL, half a surrogate pair, nesting without end.
 */
export function parseJson(text: string): unknown {
  if (nestsTooDeep(text)) throw new SyntaxError("nested too deep");
  return JSON.parse(text, (key, value: unknown) => {
    for (const part of [key, value]) {
      if (typeof part === "string" && (part.includes("\0") || !part.isWellFormed()))
        throw new SyntaxError("bad string");
    }
    return value;
  });
}

function nestsTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (bracket === "[" || bracket === "{") depth++;
    else if (bracket === "]" || bracket === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
