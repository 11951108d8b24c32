import * as z from "zod";
import { isPlaceholder } from "./placeholder.ts";
import { isWebhookSecret } from "./webhook.ts";

/** Items separated by commas or spaces. */
export const list = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== "");

/** A list whose items are all valid. */
export const listOf = (what: string, isValid: (item: string) => boolean) =>
  z
    .string()
    .transform(list)
    .refine((items) => items.every(isValid), `has an item that is not ${what}`);

/** A whole number as the environment writes it. */
export const wholeNumber = (fallback: number, minimum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, "is not a whole number")
    .default(String(fallback))
    .transform(Number)
    .refine((number) => number >= minimum, `is below ${minimum}`);

/** A secret that the owner makes for this server. */
export const serverKey = z
  .string("is missing")
  .refine(
    (key) => new TextEncoder().encode(key).length >= 32,
    "is shorter than 32 bytes (try `openssl rand -base64 32`)",
  )
  .refine((key) => !isPlaceholder(key), "is a placeholder (try `openssl rand -base64 32`)");

/** The secret that signs messages to the owner's webhook. */
export const webhookSecret = z
  .string()
  .refine(isWebhookSecret, "is not whsec_ and 24 to 64 bytes in base64 (try `echo whsec_$(openssl rand -base64 32)`)");

export const httpsUrl = z
  .string()
  .regex(/^https:\/\/[^\s@]+$/, "is not an https URL")
  .refine(URL.canParse, "is not an https URL");

/**
 * Schemes without a dot that MCP clients were seen to register, by their documentation and by reports up to autumn
 * 2026.
 */
export const KNOWN_SCHEMES = list(
  "claude cursor goose kiro mcpjam raycast vscode vscode-insiders vscodium windsurf zed",
);
