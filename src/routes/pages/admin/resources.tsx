import type { PageOf } from "../../../flows/admin/page.ts";
import type { ResourceDetails, ResourceState } from "../../../store/resource-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form, Hidden, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf, hrefOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";
import { shortCount } from "./clients.tsx";

/** The credential with which an MCP server introspects, shown this once. */
export type CredentialToCopy = { readonly id: string; readonly secret: string };

type ResourceListQuery = {
  readonly search: string;
  readonly state: ResourceState | "";
  readonly order: "z" | "";
};

type Props = {
  shell: PanelShell;
  now: Date;
  resources: PageOf<ResourceDetails>;
  query: ResourceListQuery;
  page: number;
  refused: RefusedForm | null;
};

const PATH = "/admin/resources";

/** The MCP servers that this server protects. */
export const ResourcesPage = ({ shell, now, resources, query, page, refused }: Props) => (
  <Panel shell={shell} title="Servers" lead="The MCP servers that this service protects.">
    <Creation title="Add server" open={refused !== null || isEmpty(resources, query, page)}>
      <Form shell={shell} to="/admin/resources" refused={refused}>
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
    {!isEmpty(resources, query, page) && (
      <Toolbar shell={shell} path={PATH}>
        <Field name="search" label="Part of the name or URL" type="search" value={query.search} maxlength={200} />
        <Select name="state" label="Show" value={query.state} options={STATES} />
        <Hidden fields={query.order ? { order: query.order } : {}} />
      </Toolbar>
    )}
    <Table
      label="Servers"
      items={resources.items}
      keyOf={({ id }) => id}
      icon="servers"
      empty={nothingFound(
        query.search === "" && query.state === ""
          ? "No servers yet. Add the MCP server that you want to protect."
          : "No server matches.",
        resources.next,
      )}
      columns={[
        {
          title: "Server",
          cell: (resource) => (
            <Named name={resource.name} href={`${shell.issuer}${PATH}/${resource.id}`}>
              {resource.isDefault && <Badge>Default</Badge>}
              <code>{resource.uri}</code>
            </Named>
          ),
          sort: {
            href: hrefOf(shell, PATH, { ...query, order: query.order === "" ? "z" : "" }),
            direction: query.order === "" ? "ascending" : "descending",
          },
        },
        { title: "Scopes", cell: ({ scopes }) => String(scopes.length) },
        { title: "Connections", cell: ({ liveFamilies }) => shortCount(liveFamilies) },
        { title: "People", cell: ({ livePeople }) => String(livePeople) },
        { title: "Last used", cell: ({ credentials }) => <LastUse credentials={credentials} now={now} /> },
      ]}
    />
    <Pager
      shell={shell}
      path={PATH}
      query={query}
      next={resources.next === null ? null : { after: resources.next }}
      page={page}
      shown={countOf(resources.items.length, "server")}
    >
      More
    </Pager>
  </Panel>
);

const STATES = [
  ["", "All servers"],
  ["connected", "With connections"],
  ["unused", "With an unused credential"],
] as const;

/** Whether there is no server at all. */
const isEmpty = ({ items }: PageOf<ResourceDetails>, { search, state }: ResourceListQuery, page: number): boolean =>
  items.length === 0 && page === 1 && search === "" && state === "";

/** When a server last looked up a token, with any of its credentials. */
const LastUse = ({ credentials, now }: Pick<ResourceDetails, "credentials"> & { now: Date }) => {
  const last = Math.max(0, ...credentials.map(({ lastUsedAt }) => lastUsedAt ?? 0));
  return last === 0 ? <Badge>Never</Badge> : <Time at={last} now={now} />;
};

/** The credential of a resource, for its owner to copy. */
export const CredentialNote = ({ resource }: { resource: CredentialToCopy }) => (
  <Secret
    title="Copy these into your server’s environment."
    values={[`RESOURCE_ID=${resource.id}`, `INTROSPECTION_SECRET=${resource.secret}`]}
  />
);
