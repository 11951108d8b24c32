import { clientLines } from "../../../flows/admin/client-lines.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import { Copyable } from "../copyable.tsx";
import type { PageShell } from "../layout.tsx";

/** The text to paste into each kind of client, and into the server itself. */
export const SetupLines = ({ shell, resource }: { shell: PageShell; resource: ResourceDetails }) => (
  <>
    {[...clientLines(resource), yourServer(shell.issuer, resource.uri)].map(({ title, hint, text }) => (
      <details key={title} class="fold">
        <summary>{title}</summary>
        <p class="hint">{hint}</p>
        <Copyable value={text} label={`the lines for ${title}`} />
      </details>
    ))}
  </>
);

const yourServer = (issuer: string, uri: string) => ({
  title: "Your server",
  hint: "For a server with Hono. The two values come from an introspection credential, below.",
  text: `import { resourceServer } from "@gatehouse-auth/resource-server/hono";

const gatehouse = resourceServer({
  resource: "${uri}",
  issuer: "${issuer}",
  credential: { id: RESOURCE_ID, secret: INTROSPECTION_SECRET },
});

app.use(gatehouse.metadata(), gatehouse.secure());
app.all("/mcp", gatehouse.bearerAuth(), (c) => mcp.fetch(c.req.raw, { authInfo: c.var.auth }));`,
});
