import { parse } from "bowser";

/** How a person recognizes a device ("Chrome on macOS"), from its User-Agent header. */
export function describeUserAgent(userAgent: string | null): string {
  if (!userAgent) return "an unknown device";
  try {
    const { browser, os } = parse(userAgent);
    const names = [browser.name, os.name].filter(Boolean);
    if (names.length > 0) return names.join(" on ");
  } catch {
    // The parser doesn't know this browser.
  }
  return userAgent.split(/[\s(]/)[0]?.slice(0, 60) || "an unknown device";
}
