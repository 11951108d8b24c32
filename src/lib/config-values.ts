import { isPlaceholder } from "./placeholder.ts";
import * as z from "./schema.ts";
import { isWebhookSecret } from "./webhook.ts";

/** Items separated by commas or spaces. */
export const list = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== "");

/** A list whose items are all valid. */
export const listOf = (what: string, isValid: (item: string) => boolean) =>
  z
    .pipe(z.string(), z.transform(list))
    .check(z.refine((items) => items.every(isValid), `has an item that is not ${what}`));

/** A whole number as the environment writes it. */
export const wholeNumber = (fallback: number, minimum: number) =>
  z
    .pipe(
      z._default(z.string().check(z.regex(/^\d{1,9}$/, "is not a whole number")), String(fallback)),
      z.transform(Number),
    )
    .check(z.refine((number) => number >= minimum, `is below ${minimum}`));

/** A secret that the owner makes for this server. */
export const serverKey = z.string("is missing").check(
  z.refine(
    (key) => new TextEncoder().encode(key).length >= 32,
    "is shorter than 32 bytes (try `openssl rand -base64 32`)",
  ),
  z.refine((key) => !isPlaceholder(key), "is a placeholder (try `openssl rand -base64 32`)"),
);

/** The secret that signs messages to the owner's webhook. */
export const webhookSecret = z
  .string()
  .check(
    z.refine(
      isWebhookSecret,
      "is not whsec_ and 24 to 64 bytes in base64 (try `echo whsec_$(openssl rand -base64 32)`)",
    ),
  );

export const httpsUrl = z
  .string()
  .check(z.regex(/^https:\/\/[^\s@]+$/, "is not an https URL"), z.refine(URL.canParse, "is not an https URL"));

/** An image small enough to be sent with every page. */
export const imageUrl = z.pipe(
  z
    .string()
    .check(
      z.regex(
        /^data:image\/(svg\+xml|png|webp);base64,[A-Za-z0-9+/]+={0,2}$/,
        "is not a data: URL of an SVG, PNG or WebP in base64",
      ),
      z.maxLength(5000, "is longer than 5,000 characters"),
    ),
  z.transform((url) => ({
    type: url.slice("data:".length, url.indexOf(";")),
    base64: url.slice(url.indexOf(",") + 1),
  })),
);

/**
 * Schemes without a dot that MCP clients were seen to register, by their documentation and by reports up to autumn
 * 2026.
 */
export const KNOWN_SCHEMES = list(
  "claude cursor goose kiro mcpjam raycast vscode vscode-insiders vscodium windsurf zed",
);
