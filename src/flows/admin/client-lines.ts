/** The text to paste into one kind of MCP client. */
type ClientLines = { readonly title: string; readonly hint: string; readonly text: string };

/** How to connect each MCP client with a server, for the dashboard and the CLI. */
export function clientLines({ name, uri }: { readonly name: string; readonly uri: string }): readonly ClientLines[] {
  const key =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "server";
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    {
      title: "Claude Code",
      hint: "Run this in a terminal.",
      text: `claude mcp add --transport http ${key} ${uri}`,
    },
    { title: "Claude and ChatGPT", hint: "Add a custom connector with this URL in the settings.", text: uri },
    {
      title: "VS Code",
      hint: "Put this into .vscode/mcp.json.",
      text: json({ servers: { [key]: { type: "http", url: uri } } }),
    },
    {
      title: "Cursor",
      hint: "Put this into .cursor/mcp.json.",
      text: json({ mcpServers: { [key]: { url: uri } } }),
    },
    {
      title: "Codex",
      hint: "Run this in a terminal.",
      text: `codex mcp add ${key} --url ${uri} && codex mcp login ${key}`,
    },
    {
      title: "MCP Inspector",
      hint: "Run this, choose Streamable HTTP and paste the URL. CORS_ORIGINS has to include http://localhost:6274.",
      text: `npx @modelcontextprotocol/inspector --transport http --server-url ${uri}`,
    },
    {
      title: "Apps that only start programs",
      hint: "Put this where the app keeps its list of MCP servers.",
      text: json({ mcpServers: { [key]: { command: "npx", args: ["-y", "mcp-remote", uri] } } }),
    },
  ];
}
