import type { PageOf } from "../../../flows/admin/page.ts";
import { clientTrust } from "../../../oauth/client-trust.ts";
import type { ClientState, ClientSummary, ListedClient } from "../../../store/client-listing.ts";
import { MOST_COUNTED } from "../../../store/token-families.ts";
import { Badge } from "../badge.tsx";
import { TrustBadge } from "../client-trust.tsx";
import { Field, Form, Hidden, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf, hrefOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";

type ClientListQuery = {
  readonly search: string;
  readonly state: ClientState | "";
  readonly order: "oldest" | "";
};

type Props = { shell: PanelShell; now: Date; clients: PageOf<ListedClient>; query: ClientListQuery; page: number };

const PATH = "/admin/clients";

/** The apps that are known here. */
export const ClientsPage = ({ shell, now, clients, query, page }: Props) => (
  <Panel shell={shell} title="Apps" lead="The apps that have connected or registered.">
    <Toolbar shell={shell} path={PATH}>
      <Field name="search" label="Name or start of the ID" type="search" value={query.search} maxlength={200} />
      <Select name="state" label="Show" value={query.state} options={STATES} />
      <Hidden fields={query.order ? { order: query.order } : {}} />
    </Toolbar>
    <Form shell={shell} to={`${PATH}/question`}>
      {clients.items.length > 0 && <BulkActions />}
      <Table
        label="Apps"
        items={clients.items}
        keyOf={({ id }) => id}
        icon="apps"
        empty={nothingFound(
          query.search === "" && query.state === ""
            ? "No apps yet. An app appears here once it has registered or somebody has connected it."
            : "No app matches.",
          clients.next,
        )}
        columns={[
          {
            title: "Select",
            tick: true,
            cell: ({ id, name }) => <input type="checkbox" name="id" value={id} aria-label={`Select ${name}`} />,
          },
          {
            title: "App",
            cell: ({ id, name }) => (
              <Named name={name} href={shell.issuer + clientPath(id)}>
                <code>{id}</code>
              </Named>
            ),
          },
          { title: "Checked", cell: (client) => <ClientStatus client={client} /> },
          { title: "Connections", cell: ({ liveFamilies }) => shortCount(liveFamilies) },
          {
            title: "Last used",
            cell: ({ used, lastUsedAt }) =>
              used ? lastUsedAt !== null && <Time at={lastUsedAt} now={now} /> : "Never",
          },
          {
            title: "First seen",
            cell: ({ createdAt }) => <Time at={createdAt} now={now} />,
            sort: {
              href: hrefOf(shell, PATH, { ...query, order: query.order === "" ? "oldest" : "" }),
              direction: query.order === "" ? "descending" : "ascending",
            },
          },
        ]}
      />
    </Form>
    <Pager
      shell={shell}
      path={PATH}
      query={query}
      next={clients.next === null ? null : { after: clients.next }}
      page={page}
      shown={countOf(clients.items.length, "app")}
    >
      {query.order === "" ? "Older" : "Newer"}
    </Pager>
  </Panel>
);

const STATES = [
  ["", "All apps"],
  ["unreviewed", "To review"],
  ["approved", "Approved"],
  ["blocked", "Blocked"],
  ["unused", "Never used"],
] as const;

/** What can be done with the ticked apps. A page of its own asks first, since only the server can say what would end. */
const BulkActions = () => (
  <div class="buttons">
    {(["block", "delete"] as const).map((change) => (
      <button key={change} type="submit" name="change" value={change} class="small danger">
        {change === "block" ? "Block selected" : "Delete selected"}
      </button>
    ))}
  </div>
);

/** The address of a client's page, under the issuer. The id may be a URL, so it is in the query. */
export const clientPath = (id: string): string => `${PATH}/one?${new URLSearchParams({ id })}`;

/** They aren't counted to the end. */
export const countConnections = (count: number): string =>
  count === 0
    ? "No live connections"
    : count === MOST_COUNTED
      ? `${count} or more live connections`
      : countOf(count, "live connection");

/** The same under a heading that says what is counted. */
export const shortCount = (count: number): string => (count === MOST_COUNTED ? `${count}+` : String(count));

/** Whether an app is blocked, or else how well its identity is proven. */
export const ClientStatus = ({ client }: { client: ClientSummary }) =>
  client.disabled ? <Badge tone="bad">Blocked</Badge> : <TrustBadge trust={clientTrust(client)} />;
