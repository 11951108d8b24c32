import { registerHooks } from "node:module";

const DRIZZLE = "/node_modules/drizzle-orm/";

/**
 * Loaded before a command (`node --import`). For each file of a package, Node parses the package's whole package.json
 * to learn its format. Drizzle has hundreds of files and 130 KB of exports, which is most of the time that a command takes.
 */
registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = "" } = context;
    if (!parentURL.includes(DRIZZLE) || !specifier.startsWith(".")) return next(specifier, context);
    return { url: new URL(specifier, parentURL).href, format: "module", shortCircuit: true };
  },
});
