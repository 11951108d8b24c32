import { createMcpHandler } from "@modelcontextprotocol/server";
import * as z from "zod";
import { defineAccess } from "../../src/resource-server/access-table.ts";
import type { Auth } from "../../src/resource-server/auth.ts";
import { authOf, type ProtectedTools, protectTools } from "../../src/resource-server/mcp.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import type { ToolCall } from "../../src/resource-server/tool-calls.ts";
import { toolError } from "../../src/resource-server/tool-error.ts";

const access = defineAccess({
  scopes: {
    "notes:read": "Read the notes",
    "notes:write": { description: "Write notes", implies: ["notes:read"], default: false },
    "notes:share": { description: "Share notes", default: false },
  },
  tools: {
    read_note: { scopes: ["notes:read"] },
    share_note: { scopes: ["notes:write", "notes:share"], perMinute: 2, auditArguments: ["name", "to"] },
  },
});

/** The resource server of notes. */
export const notes = resourceServer({
  resource: "https://notes.example/mcp",
  issuer: "https://auth.example",
  credential: { id: "id", secret: "secret" },
  access,
});

/** What the tools learn of a caller with these scopes. */
export const auth = (...scopes: string[]): Auth => ({
  ...{
    subject: "user-1",
    username: "ada@example.com",
    clientId: "client-1",
    scopes,
    expiresAt: Date.now() / 1000 + 60,
  },
  ...{ tokenId: "0".repeat(32), token: "0".repeat(32), address: "203.0.113.7" },
  accountToken: () => Promise.reject(new Error("no account is linked")),
  resource: new URL("https://notes.example/mcp"),
  resourceMetadataUrl: "https://notes.example/.well-known/oauth-protected-resource/mcp",
});
const name = z.string().max(20);

const register: ProtectedTools["register"] = (server) => {
  server.registerTool("read_note", { inputSchema: z.object({ name }) }, ({ name }, context) => {
    if (name === "broken") throw new Error("The disk is full.");
    if (name === "missing") return toolError("NOT_FOUND", "There is no such note.");
    return { content: [{ type: "text", text: `${name} of ${authOf(context).subject}` }] };
  });
  server.registerTool(
    "share_note",
    { inputSchema: z.object({ name, to: z.string(), text: z.string().optional() }) },
    () => ({
      content: [{ type: "text", text: "shared" }],
    }),
  );
};

/** A server whose tools read and share notes. Returns what its audit received, and a function that calls. */
export function serve(options: Partial<ProtectedTools> = {}) {
  const calls: ToolCall[] = [];
  const audit = (call: ToolCall) => void calls.push(call);
  const server = { name: "notes", version: "1.0.0" };
  const mcp = createMcpHandler(protectTools(notes, { server, audit, register, ...options }));
  /** A body exactly as written, from somebody with `notes:read`. */
  const send = async (body: string) => {
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    const request = new Request("https://notes.example/mcp", { method: "POST", headers, body });
    return (await mcp.fetch(request, { authInfo: auth("notes:read") })).text();
  };
  const call = async (tool: string, args: unknown, authInfo: Auth | null = auth("notes:read")) => {
    const request = new Request("https://notes.example/mcp", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: tool, arguments: args } }),
    });
    const response = await mcp.fetch(request, authInfo ? { authInfo } : {});
    const text = await response.text();
    return { status: response.status, challenge: response.headers.get("WWW-Authenticate"), ...readAnswer(text) };
  };
  return { calls, call, send };
}

type Answer = {
  readonly result?: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
  readonly error?: unknown;
};

/** The message of a JSON answer, or the first of a stream. */
function readAnswer(text: string) {
  const { result, error } = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Answer;
  return { text: result?.content[0]?.text, isError: result?.isError ?? false, error };
}
