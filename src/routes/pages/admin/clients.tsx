import type { Page } from "../../../flows/admin/page.ts";
import { clientTrust } from "../../../oauth/client-trust.ts";
import type { ClientDetails, ClientSummary } from "../../../store/client-listing.ts";
import { MOST_COUNTED } from "../../../store/token-families.ts";
import { TrustNote } from "../client-trust.tsx";
import { Action, Field } from "../form.tsx";
import { Cards } from "../list.tsx";
import { nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Time } from "../time.tsx";

type ListProps = { frame: PanelFrame; now: Date; clients: Page<ClientSummary>; search: string };

/** The apps that have registered. */
export const ClientsPage = ({ frame, now, clients, search }: ListProps) => (
  <Panel frame={frame} title="Apps">
    <form method="get" action={`${frame.issuer}/admin/clients`}>
      <Field
        name="search"
        label="A part of the name, or the start of the id"
        type="search"
        value={search}
        maxlength={200}
      />
      <button type="submit" class="small">
        Search
      </button>
    </form>
    <Cards
      items={clients.items}
      keyOf={({ id }) => id}
      empty={nothingFound(search === "" ? "No app has registered yet." : "There is no such app.", clients.next)}
      card={(client) => (
        <>
          <h2>
            <a href={frame.issuer + clientPath(client.id)}>
              <bdi>{client.name}</bdi>
            </a>
            <ClientBadges client={client} />
          </h2>
          <p class="quiet">
            <code>{client.id}</code>
            <br />
            Since <Time at={client.createdAt} now={now} />, {countConnections(client.liveFamilies)}
          </p>
        </>
      )}
    />
    <Pager frame={frame} path="/admin/clients" next={clients.next === null ? null : { search, after: clients.next }}>
      Older
    </Pager>
  </Panel>
);

/** Where a client is looked at, under the issuer. Its id may be a URL, so it is in the query. */
export const clientPath = (id: string): string => `/admin/clients/one?${new URLSearchParams({ id })}`;

/** They aren't counted to the end. */
export const countConnections = (count: number): string =>
  count === 0
    ? "no live connection"
    : count === 1
      ? "one live connection"
      : `${count}${count === MOST_COUNTED ? " or more" : ""} live connections`;

const ClientBadges = ({ client }: { client: ClientSummary }) => (
  <>
    {client.approved && <span class="badge good">approved</span>}
    {client.disabled && <span class="badge bad">blocked</span>}
  </>
);

const DOORS = {
  preregistered: "registered by hand",
  dynamic: "registered itself",
  metadata_document: "a metadata document",
};

type Props = { frame: PanelFrame; now: Date; client: ClientDetails };

/** One app, and what the owner thinks of it. */
export const ClientPage = ({ frame, now, client }: Props) => (
  <Panel frame={frame} title={client.name}>
    <p>
      <ClientBadges client={client} />
    </p>
    <dl class="facts">
      <dt>Id</dt>
      <dd>
        <code>{client.id}</code>
      </dd>
      <dt>Trust</dt>
      <dd>
        <TrustNote trust={clientTrust(client)} />
      </dd>
      <dt>Came</dt>
      <dd>
        <Time at={client.createdAt} now={now} />, {DOORS[client.registration]}
      </dd>
      <dt>Returns to</dt>
      <dd>
        {client.redirectUris.map((uri) => (
          <div key={uri}>
            <code>{uri}</code>
          </div>
        ))}
      </dd>
      <dt>Authenticates by</dt>
      <dd>{client.authenticationMethods.join(", ")}</dd>
      {client.jwksUri && (
        <>
          <dt>Keys</dt>
          <dd>
            <code>{client.jwksUri}</code>
          </dd>
        </>
      )}
      <dt>Grants</dt>
      <dd>{client.grantTypes.join(", ")}</dd>
      {client.resourceUri && (
        <>
          <dt>Only for</dt>
          <dd>
            <code>{client.resourceUri}</code>
          </dd>
        </>
      )}
      <dt>In use</dt>
      <dd>{countConnections(client.liveFamilies)}</dd>
    </dl>
    {!client.approved && !client.disabled && (
      <Action
        frame={frame}
        to="/admin/clients"
        fields={{ id: client.id, standing: "approve", fingerprint: client.fingerprint }}
        class="small"
      >
        Approve as it is here
      </Action>
    )}
    {client.disabled ? (
      <StandingAction frame={frame} id={client.id} standing="unblock">
        Let it in again
      </StandingAction>
    ) : (
      <StandingAction frame={frame} id={client.id} standing="block" danger>
        Block, and end its connections
      </StandingAction>
    )}
    <StandingAction frame={frame} id={client.id} standing="delete" danger>
      Delete, and end its connections
    </StandingAction>
    <p>
      <a href={`${frame.issuer}/admin/audit?${new URLSearchParams({ client: client.id })}`}>What it did</a>
    </p>
  </Panel>
);

type StandingProps = { frame: PanelFrame; id: string; standing: string; danger?: boolean; children?: string };

const StandingAction = ({ frame, id, standing, danger = false, children }: StandingProps) => (
  <Action frame={frame} to="/admin/clients" fields={{ id, standing }} class={danger ? "small danger" : "small"}>
    {children}
  </Action>
);
