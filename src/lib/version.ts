/** The same as in package.json, which a Worker doesn't have; a test compares them. */
export const VERSION = "0.1.0";
