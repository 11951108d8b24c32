/**
 * The pairs of an `application/x-www-form-urlencoded` text, a body's or a query's. Unlike URLSearchParams it gives null
 * for a bad percent-escape or what isn't UTF-8 instead of reading something else into it.
 */
export function parseForm(text: string): [string, string][] | null {
  if (/%(?![\da-f]{2})/i.test(text)) return null;
  try {
    decodeURIComponent(text);
  } catch {
    return null;
  }
  return [...new URLSearchParams(text)];
}
