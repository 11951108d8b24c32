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

/** In one pass over the text: what a stranger sends must not cost more than its length. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "\\") index++;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
