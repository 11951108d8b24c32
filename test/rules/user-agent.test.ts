import { expect, test } from "vitest";
import { describeUserAgent } from "../../src/routes/pages/user-agent.ts";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const ANDROID = `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT}`;
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const WINDOWS = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/148.0.0.0 Safari/537.36`;

test.each([
  ["Chrome on macOS", `${MAC} ${WEBKIT} Chrome/148.0.0.0 Safari/537.36`],
  ["Chrome on Windows", WINDOWS],
  ["Chrome on Chrome OS", `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/148.0.0.0 Safari/537.36`],
  ["Chrome on Android", `${ANDROID} Chrome/148.0.0.0 Mobile Safari/537.36`],
  ["Chrome on iOS", `${IPHONE} CriOS/148.0.7444.77 Mobile/15E148 Safari/604.1`],
  ["Microsoft Edge on Windows", `${WINDOWS} Edg/148.0.0.0`],
  ["Microsoft Edge on Android", `${ANDROID} Chrome/148.0.0.0 Mobile Safari/537.36 EdgA/148.0.0.0`],
  ["Microsoft Edge on iOS", `${IPHONE} Version/18.0 EdgiOS/148.0.3485.54 Mobile/15E148 Safari/604.1`],
  ["Opera on Windows", `${WINDOWS} OPR/134.0.0.0`],
  ["Samsung Internet on Android", `${ANDROID} SamsungBrowser/30.0 Chrome/143.0.0.0 Mobile Safari/537.36`],
  ["DuckDuckGo on macOS", `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15 Ddg/18.6`],
  ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"],
  ["Firefox on Android", "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"],
  ["Firefox on iOS", `${IPHONE} FxiOS/150.0 Mobile/15E148 Safari/604.1`],
  ["Safari on macOS", `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15`],
  ["Safari on iOS", `${IPHONE} Version/26.0 Mobile/15E148 Safari/604.1`],
  ["Google Search on iOS", `${IPHONE} GSA/439.4.980558000 Mobile/15E148 Safari/604.1`],
  ["iOS", `${IPHONE} Mobile/15E148`],
  ["curl/8.15.0", "curl/8.15.0"],
  ["Cursor/2.1", "Cursor/2.1 (darwin arm64)"],
  [`${"x".repeat(60)}`, "x".repeat(500)],
  ["an unknown device", "(none)"],
  ["an unknown device", ""],
  ["an unknown device", null],
])("People: a device is called %s", (called, userAgent) => {
  expect(describeUserAgent(userAgent)).toBe(called);
});
