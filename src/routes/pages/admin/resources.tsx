import type { Page } from "../../../flows/admin/page.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Field, Form } from "../form.tsx";
import { Cards } from "../list.tsx";
import { Pager } from "../pager.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { countConnections } from "./clients.tsx";

/** What an MCP server introspects with, this once. */
export type ShownCredential = { readonly id: string; readonly secret: string };

type Props = { frame: PanelFrame; resources: Page<ResourceDetails>; refused: RefusedForm | null };

/** The MCP servers that this server protects. */
export const ResourcesPage = ({ frame, resources, refused }: Props) => (
  <Panel frame={frame} title="Servers">
    <Cards
      items={resources.items}
      keyOf={({ id }) => id}
      empty="There is none yet. Add the MCP server that you want to protect."
      card={(resource) => (
        <>
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
        </>
      )}
    />
    <Pager frame={frame} path="/admin/resources" next={resources.next === null ? null : { after: resources.next }}>
      More
    </Pager>
    <h2>Add a server</h2>
    <Form frame={frame} to="/admin/resources" refused={refused}>
      <div class="fields">
        <Field
          name="uri"
          label="Its URL, as apps reach it"
          type="url"
          required
          maxlength={2000}
          placeholder="https://weather.example.com/mcp"
        />
        <Field name="name" label="Its name, as people see it" maxlength={200} />
      </div>
      <p class="quiet">It begins with the scopes mcp:tools, mcp:resources and mcp:prompts.</p>
      <button type="submit" class="small">
        Add
      </button>
    </Form>
  </Panel>
);

/** The credential of a resource, for its owner to copy. */
export const CredentialNote = ({ resource }: { resource: ShownCredential }) => (
  <Secret
    title="What the server introspects tokens with."
    values={[`RESOURCE_ID=${resource.id}`, `INTROSPECTION_SECRET=${resource.secret}`]}
  />
);
