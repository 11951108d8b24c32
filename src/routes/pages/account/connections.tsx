import type { PageOf } from "../../../flows/admin/page.ts";
import { clientTrust } from "../../../oauth/client-trust.ts";
import type { Connection, OwnConnection } from "../../../store/connections.ts";
import { shortName } from "../app-name.tsx";
import { Avatar } from "../avatar.tsx";
import { TrustBadge } from "../client-trust.tsx";
import { Confirm } from "../confirm.tsx";
import { Empty } from "../empty.tsx";
import { Field, Form, Hidden, Select } from "../form.tsx";
import { countOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";
import { describeUserAgent } from "../user-agent.ts";
import { describeEnd, describeTimeline, wasStolen } from "./timeline.ts";

type ConnectionListForm = { readonly search: string; readonly order: "oldest" | "" };

type Props = {
  shell: PanelShell;
  now: Date;
  connections: PageOf<OwnConnection>;
  query: ConnectionListForm;
  page: number;
  which: "live" | "ended";
};

/** The apps that may use servers in the person's name, by server. */
export const ConnectionsPage = ({ shell, now, connections, query, page, which }: Props) => (
  <Panel
    shell={shell}
    title={which === "live" ? "Connected apps" : "Ended connections"}
    lead={
      which === "live"
        ? "These apps can use MCP servers in your name. You can change or end their access at any time."
        : "These connections no longer work. Their history is kept for a year."
    }
    action={
      <a class="button small" href={`${shell.issuer}/account${which === "live" ? "?ended" : ""}`}>
        {which === "live" ? "Ended connections" : "Connected apps"}
      </a>
    }
  >
    {(connections.items.length > MANY || page > 1 || query.search !== "" || query.order !== "") && (
      <Toolbar shell={shell} path="/account">
        <Field name="search" label="Name of the app or server" type="search" value={query.search} maxlength={200} />
        <Select name="order" label="Sort" value={query.order} options={ORDERS} />
        <Hidden fields={which === "ended" ? { ended: "1" } : {}} />
      </Toolbar>
    )}
    {connections.items.length === 0 && (
      <Empty icon="connections">
        {nothingFound(query.search === "" ? NOTHING[which] : "No connection matches.", connections.next)}
      </Empty>
    )}
    {groupByServer(connections.items).map(({ resource, group }) => (
      <Section key={resource.uri} title={resource.name} lead={<code>{resource.uri}</code>}>
        <ul class="cards">
          {group.map((connection) => (
            <li key={connection.id}>
              <ConnectionCard shell={shell} now={now} connection={connection} />
            </li>
          ))}
        </ul>
      </Section>
    ))}
    {(connections.items.length > 0 || page > 1) && (
      <Pager
        shell={shell}
        path="/account"
        query={which === "ended" ? { ...query, ended: "1" } : query}
        next={connections.next === null ? null : { after: connections.next }}
        page={page}
        shown={countOf(connections.items.length, "connection")}
      >
        {query.order === "" ? "Older" : "Newer"}
      </Pager>
    )}
  </Panel>
);

/** Fewer than this are seen at a glance. */
const MANY = 3;

const ORDERS = [
  ["", "Newest first"],
  ["oldest", "Oldest first"],
] as const;

const NOTHING = {
  live: "No app is connected. Add a server’s URL in an app, and it will send you here to allow it.",
  ended: "None of your connections has ended.",
};

type Group = { readonly resource: Connection["resource"]; readonly group: readonly OwnConnection[] };

const groupByServer = (connections: readonly OwnConnection[]): Group[] =>
  [...Map.groupBy(connections, ({ resource }) => resource.uri).values()].flatMap((group) =>
    group[0] ? [{ resource: group[0].resource, group }] : [],
  );

type CardProps = { shell: PanelShell; now: Date; connection: OwnConnection };

const ConnectionCard = ({ shell, now, connection }: CardProps) => {
  const name = connectionNameOf(connection);
  return (
    <article class="thing">
      <Avatar name={name} />
      <div>
        <h3>
          <a href={`${shell.issuer}/account/connections/${connection.id}`}>
            <bdi>{name}</bdi>
          </a>{" "}
          <TrustBadge trust={clientTrust(connection.client)} />
        </h3>
        <State connection={connection} now={now} />
        <p class="quiet">
          {connection.name && (
            <>
              <bdi>{shortName(connection.client.name)}</bdi>.{" "}
            </>
          )}
          Allowed <Time at={connection.createdAt} now={now} /> in {describeUserAgent(connection.userAgent)}.
        </p>
        <Lately connection={connection} now={now} />
        {isLive(connection, now) && <PermissionsInPlace shell={shell} connection={connection} />}
      </div>
      {isLive(connection, now) && <EndAccess shell={shell} connection={connection} name={name} />}
    </article>
  );
};

/** How things stand: the last use, and the end that will come or came. */
const State = ({ connection, now }: Omit<CardProps, "shell">) => {
  if (connection.revokedAt !== null)
    return (
      <p class={wasStolen(connection.revokedReason) ? "alarming" : "quiet"}>
        Ended <Time at={connection.revokedAt} now={now} />: {describeEnd(connection.revokedReason)}
      </p>
    );
  return (
    <p class="quiet">
      Last used <Time at={connection.lastUsedAt} now={now} />. {isLive(connection, now) ? "Access ends" : "Expired"}{" "}
      <Time at={connection.expiresAt} now={now} />.
    </p>
  );
};

/** What else happened: the last of it, and anything alarming. */
const Lately = ({ connection, now }: Omit<CardProps, "shell">) =>
  describeTimeline(
    connection.lately.filter(({ name }) => !SAID_ABOVE.includes(name)),
    connection.revokedReason,
  )
    .filter((entry, index) => index === 0 || entry.alarming)
    .map((entry) => (
      <p key={`${entry.at} ${entry.text}`} class={entry.alarming ? "alarming" : "quiet"}>
        Latest activity: {entry.text}, <Time at={entry.at} now={now} />
      </p>
    ));

/** The card says when it was allowed and how it ended. */
const SAID_ABOVE = ["code_redeemed", "device_code_redeemed", "family_revoked"];

/** What an app may do, which can be reduced without leaving the list. */
const PermissionsInPlace = ({ shell, connection }: Omit<CardProps, "now">) => (
  <details class="fold">
    <summary>{countOf(connection.scopes.length, "permission")}</summary>
    <Form shell={shell} to={`/account/connections/${connection.id}/narrow`}>
      {connection.scopes.map(({ name, description }) => (
        <label key={name}>
          <input type="checkbox" name="scope" value={name} checked />
          {description ?? name}
        </label>
      ))}
      <button type="submit" class="small">
        Save
      </button>
    </Form>
  </details>
);

/** What the person calls it, or what the app calls itself. */
export const connectionNameOf = ({ name, client }: Connection): string => name ?? shortName(client.name);

/** Whether it works: nobody has ended it, and it hasn't expired. */
export const isLive = ({ revokedAt, expiresAt }: Connection, now: Date): boolean =>
  revokedAt === null && expiresAt > now.getTime() / 1000;

type EndProps = { shell: PanelShell; connection: Connection; name: string };

/** Ends a connection, after a question that says what will happen. */
export const EndAccess = ({ shell, connection, name }: EndProps) => (
  <div class="buttons">
    <Confirm
      shell={shell}
      id={`end-${connection.id}`}
      to={`/account/connections/${connection.id}/revoke`}
      action="End access"
      label={`End access: ${name} on ${connection.resource.name}`}
      title={`End the access of ${name}?`}
    >
      <p>
        It can no longer use <bdi>{connection.resource.name}</bdi> in your name, from this moment on. To use it again,
        connect it again in the app.
      </p>
    </Confirm>
  </div>
);
