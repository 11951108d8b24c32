const MAX_DEPTH = 32;

/**
 * Parses JSON from a stranger. Throws SyntaxError for invalid JSON, and for valid JSON that the code behind can't store
 * or walk: NUL, half a surrogate pair, endless nesting.
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

/** Takes one pass over the text, so that a stranger's input never costs more than its length. */
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
