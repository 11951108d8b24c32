/**
 * The pairs of an `application/x-www-form-urlencoded` text, from a body or a query. URLSearchParams would misread a bad
 * percent-escape or invalid UTF-8. This returns null instead.
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
