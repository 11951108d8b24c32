import { en } from "zod/locales";
import { config } from "zod/mini";

/**
 * Schemas for everything that comes from outside. `zod/mini` is the part of Zod whose functions are bundled only if a
 * schema calls them. It has no messages of its own, so it gets the English ones here.
 */
config(en());

export * from "zod/mini";
