import { secureHeaders } from "hono/secure-headers";
import type { Config } from "../../config.ts";

/**
 * Allows no inline script, no frames, and nothing from elsewhere. There is no `form-action`, because Chromium applies
 * it to the redirects after consent.
 */
export const securityHeaders = ({ issuer }: Config) =>
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    strictTransportSecurity: issuer.startsWith("https:") ? "max-age=63072000" : false,
    crossOriginResourcePolicy: false,
    // Web clients open the sign-in in a window and wait for it to come back to them.
    crossOriginOpenerPolicy: false,
    permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [] },
  });
