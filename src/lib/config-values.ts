import * as z from "zod";
import { isPlaceholder } from "./placeholder.ts";

/** Items separated by commas or spaces. */
export const list = (text: string): string[] => text.split(/[\s,]+/).filter((item) => item !== "");

/** A list whose items are all valid. */
export const listOf = (what: string, isValid: (item: string) => boolean) =>
  z
    .string()
    .transform(list)
    .refine((items) => items.every(isValid), `has an item that is not ${what}`);

/** A whole number as the environment writes it. */
export const integer = (fallback: number, minimum: number) =>
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
    "is shorter than 32 bytes; try `openssl rand -base64 32`",
  )
  .refine((key) => !isPlaceholder(key), "is a placeholder; try `openssl rand -base64 32`");
