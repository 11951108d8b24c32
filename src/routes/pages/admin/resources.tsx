import type { Page } from "../../../flows/admin/page.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf, Pager } from "../pager.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { shortCount } from "./clients.tsx";

/** What an MCP server introspects with, this once. */
export type ShownCredential = { readonly id: string; readonly secret: string };

type Props = { frame: PanelFrame; resources: Page<ResourceDetails>; page: number; refused: RefusedForm | null };

/** The MCP servers that this server protects. */
export const ResourcesPage = ({ frame, resources, page, refused }: Props) => (
  <Panel frame={frame} title="Servers" lead="The MCP servers that this service protects.">
    <Creation title="Add server" open={refused !== null || (resources.items.length === 0 && page === 1)}>
      <Form frame={frame} to="/admin/resources" refused={refused}>
        <div class="fields">
          <Field
            name="uri"
            label="Server URL"
            hint="The URL that apps connect to."
            type="url"
            required
            maxlength={2000}
            placeholder="https://weather.example.com/mcp"
          />
          <Field name="name" label="Name" hint="What people see when an app asks for access." maxlength={200} />
        </div>
        <p class="hint">
          It starts with the scopes mcp:tools, mcp:resources and mcp:prompts. You can change them later.
        </p>
        <button type="submit">Add</button>
      </Form>
    </Creation>
    <Table
      label="Servers"
      items={resources.items}
      keyOf={({ id }) => id}
      icon="servers"
      empty="No servers yet. Add the MCP server that you want to protect."
      columns={[
        {
          title: "Server",
          cell: (resource) => (
            <Named name={resource.name} href={`${frame.issuer}/admin/resources/${resource.id}`}>
              <code>{resource.uri}</code>
            </Named>
          ),
        },
        { title: "Scopes", cell: ({ scopes }) => String(scopes.length) },
        { title: "Connections", cell: ({ liveFamilies }) => shortCount(liveFamilies) },
        { title: "People", cell: ({ livePeople }) => String(livePeople) },
        { title: "State", cell: ({ isDefault }) => isDefault && <Badge>Default</Badge> },
      ]}
    />
    <Pager
      frame={frame}
      path="/admin/resources"
      query={{}}
      next={resources.next === null ? null : { after: resources.next }}
      page={page}
      shown={countOf(resources.items.length, "server")}
    >
      More
    </Pager>
  </Panel>
);

/** The credential of a resource, for its owner to copy. */
export const CredentialNote = ({ resource }: { resource: ShownCredential }) => (
  <Secret
    title="Copy these into your server’s environment."
    values={[`RESOURCE_ID=${resource.id}`, `INTROSPECTION_SECRET=${resource.secret}`]}
  />
);
