export {
  type Access,
  defineAccess,
  MCP_ACCESS,
  type ResourceDocument,
  resourceDocument,
  type ScopeDefinition,
  type ScopeEntry,
  type ToolEntry,
} from "./access-table.ts";
export {
  type AccountToken,
  type AccountTokens,
  type AccountUnavailable,
  type ConnectRequired,
  isAccountUnavailable,
  isConnectRequired,
} from "./account-token.ts";
export type { Auth } from "./auth.ts";
export type { BindingAnswer, GatehouseBinding } from "./binding.ts";
export type { ActiveToken, Verification } from "./introspection.ts";
export type { ResourceServerOptions, Settings } from "./options.ts";
export { type ResourceServer, resourceServer } from "./resource-server.ts";
export { anyOf, type ScopeRequirement } from "./scope-requirement.ts";
export { consoleSink, gatehouseSink, type ToolCall, type ToolCallSink, type ToolOutcome } from "./tool-calls.ts";
export { type ToolError, toolError } from "./tool-error.ts";
export { guardToolCall, type ToolGuard, type ToolLimiter } from "./tool-guard.ts";
