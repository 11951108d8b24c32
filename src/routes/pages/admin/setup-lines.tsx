import type { ResourceDetails } from "../../../store/resource-listing.ts";
import { Copyable } from "../copyable.tsx";
import type { Frame } from "../layout.tsx";

/** What is pasted into each kind of client, and into the server itself. */
export const SetupLines = ({ frame, resource }: { frame: Frame; resource: ResourceDetails }) => (
  <>
    {linesOf(frame.issuer, resource).map(([title, hint, value]) => (
      <details key={title} class="fold">
        <summary>{title}</summary>
        <p class="hint">{hint}</p>
        <Copyable value={value} label={`the lines for ${title}`} />
      </details>
    ))}
  </>
);

function linesOf(issuer: string, { name, uri }: ResourceDetails): readonly (readonly [string, string, string])[] {
  const key =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "server";
  const json = (value: unknown) => JSON.stringify(value, null, 2);
  return [
    ["Claude Code", "Run this in a terminal.", `claude mcp add --transport http ${key} ${uri}`],
    ["Claude and ChatGPT", "Add a custom connector with this URL in the settings.", uri],
    ["VS Code", "Put this into .vscode/mcp.json.", json({ servers: { [key]: { type: "http", url: uri } } })],
    ["Cursor", "Put this into .cursor/mcp.json.", json({ mcpServers: { [key]: { url: uri } } })],
    [
      "Your server",
      "For a server with Hono. The two values come from an introspection credential, below.",
      serverLines(issuer, uri),
    ],
  ];
}

const serverLines = (
  issuer: string,
  uri: string,
) => `import { resourceServer } from "@gatehouse-auth/resource-server/hono";

const gatehouse = resourceServer({
  resource: "${uri}",
  issuer: "${issuer}",
  credential: { id: RESOURCE_ID, secret: INTROSPECTION_SECRET },
});

app.use(gatehouse.metadata(), gatehouse.secure());
app.all("/mcp", gatehouse.bearerAuth(), (c) => mcp.fetch(c.req.raw, { authInfo: c.var.auth }));`;
