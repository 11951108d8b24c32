import type { Page } from "../../../flows/admin/page.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import { Field, Problem } from "../field.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { countConnections } from "./clients.tsx";

/** What an MCP server introspects with, this once. */
export type ShownCredential = { readonly id: string; readonly secret: string };

type Props = { frame: PanelFrame; resources: Page<ResourceDetails>; problem: string | null };

/** The MCP servers that this server protects. */
export const ResourcesPage = ({ frame, resources, problem }: Props) => (
  <Panel frame={frame} title="Servers">
    {resources.items.length === 0 && (
      <p class="empty">There is none yet. Add the MCP server that you want to protect.</p>
    )}
    <ul class="cards">
      {resources.items.map((resource) => (
        <li key={resource.id}>
          <article>
            <h2>
              <a href={`${frame.issuer}/admin/resources/${resource.id}`}>
                <bdi>{resource.name}</bdi>
              </a>
              {resource.isDefault && <span class="badge">default</span>}
            </h2>
            <p class="quiet">
              <code>{resource.uri}</code>
              <br />
              {countConnections(resource.liveFamilies)}
            </p>
          </article>
        </li>
      ))}
    </ul>
    {resources.next !== null && (
      <p>
        <a href={`${frame.issuer}/admin/resources?${new URLSearchParams({ after: resources.next })}`}>More</a>
      </p>
    )}
    <h2>Add a server</h2>
    <Problem text={problem} />
    <form method="post" action={`${frame.issuer}/admin/resources`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <div class="fields">
        <Field
          name="uri"
          label="Its URL, as apps reach it"
          type="url"
          required
          maxlength={2000}
          placeholder="https://weather.example.com/mcp"
          problem={problem === null ? undefined : "problem"}
        />
        <Field name="name" label="Its name, as people see it" maxlength={200} />
      </div>
      <p class="quiet">It begins with the scopes mcp:tools, mcp:resources and mcp:prompts.</p>
      <button type="submit" class="small">
        Add
      </button>
    </form>
  </Panel>
);

type CredentialProps = { resource: ShownCredential };

/** The credential of a resource, for its owner to copy. */
export const CredentialNote = ({ resource }: CredentialProps) => (
  <div class="secret" role="status">
    <strong>What the server introspects tokens with. It is not shown again.</strong>
    <code>RESOURCE_ID={resource.id}</code>
    <code>INTROSPECTION_SECRET={resource.secret}</code>
  </div>
);
