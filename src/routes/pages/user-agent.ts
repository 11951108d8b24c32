/** Browsers, each by a word that it sends. Most also send the words of those further down. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, "Microsoft Edge"],
  [/\b(OPR|OPT|OPX|OPiOS|Opera)\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\bYaBrowser\//, "Yandex Browser"],
  [/\b(DuckDuckGo|Ddg)\//, "DuckDuckGo"],
  [/\bGSA\//, "Google Search"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|Chromium|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

/** Systems in the same way: Android calls itself Linux too, and an iPhone "like Mac OS X". */
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, "Windows"],
  [/\bAndroid\b/, "Android"],
  [/\b(iPhone|iPad|iPod)\b/, "iOS"],
  [/\bCrOS\b/, "Chrome OS"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

const find = (names: typeof BROWSERS, userAgent: string) => names.find(([word]) => word.test(userAgent))?.[1];

/**
 * How a person recognizes a device ("Chrome on macOS"), from its User-Agent header. Browsers have kept most of it frozen
 * for years, so a parser that knows hundreds of them would tell no more.
 */
export function describeUserAgent(userAgent: string | null): string {
  if (!userAgent) return "an unknown device";
  const names = [find(BROWSERS, userAgent), find(SYSTEMS, userAgent)].filter(Boolean);
  return names.join(" on ") || userAgent.split(/[\s(]/)[0]?.slice(0, 60) || "an unknown device";
}
