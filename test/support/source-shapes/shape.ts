/** Code as people write it for MCP servers, in pairs: a finding, marked on its line, and the right form beside it. */
export type Shape = { readonly what: string; readonly bad: string; readonly good: string };
