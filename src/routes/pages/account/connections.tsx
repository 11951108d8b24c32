import { clientTrust } from "../../../oauth/client-trust.ts";
import type { Connection } from "../../../store/connections.ts";
import { TrustNote } from "../client-trust.tsx";
import { Action } from "../form.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Time } from "../time.tsx";
import { describeUserAgent } from "../user-agent.ts";
import { describeEnd } from "./timeline.ts";

type Props = {
  frame: PanelFrame;
  now: Date;
  connections: readonly Connection[];
  /** The query of the next page, or null. */
  next: string | null;
  which: "live" | "ended";
};

/** Which apps may use which servers in the person's name. */
export const ConnectionsPage = ({ frame, now, connections, next, which }: Props) => (
  <Panel frame={frame} title={which === "live" ? "Connected apps" : "Ended connections"}>
    <p class="quiet">
      {which === "live"
        ? "These apps use MCP servers in your name. Each line is one time that you allowed it."
        : "These connections are over. Their history stays for a year."}{" "}
      <a href={`${frame.issuer}/account${which === "live" ? "?ended" : ""}`}>
        {which === "live" ? "Show those that have ended" : "Show those that work"}
      </a>
    </p>
    {connections.length === 0 && <p class="empty">{which === "live" ? "No app is connected." : "None has ended."}</p>}
    <ul class="cards">
      {connections.map((connection) => (
        <li key={connection.id}>
          <ConnectionCard frame={frame} now={now} connection={connection} />
        </li>
      ))}
    </ul>
    {next && (
      <p>
        <a href={`${frame.issuer}/account?${next}`}>Older</a>
      </p>
    )}
  </Panel>
);

const ConnectionCard = ({ frame, now, connection }: { frame: PanelFrame; now: Date; connection: Connection }) => {
  const path = `/account/connections/${connection.id}`;
  const name = connection.name ?? connection.client.name;
  return (
    <article>
      <h2>
        <a href={frame.issuer + path}>
          <bdi>{name}</bdi>
        </a>{" "}
        on <bdi>{connection.resource.name}</bdi>
      </h2>
      <p class="quiet">
        {connection.name && (
          <>
            <bdi>{connection.client.name}</bdi>.{" "}
          </>
        )}
        <TrustNote trust={clientTrust(connection.client)} />
      </p>
      <p>
        Since <Time at={connection.createdAt} now={now} />, allowed in {describeUserAgent(connection.userAgent)}.{" "}
        {connection.revokedAt === null ? (
          <>
            Last used <Time at={connection.lastUsedAt} now={now} />. Ends <Time at={connection.expiresAt} now={now} />.
          </>
        ) : (
          <>
            <Time at={connection.revokedAt} now={now} />: {describeEnd(connection.revokedReason)}.
          </>
        )}
      </p>
      <ul class="tags">
        {connection.scopes.map((scope) => (
          <li key={scope.name} title={scope.name}>
            {scope.description ?? scope.name}
          </li>
        ))}
      </ul>
      {connection.revokedAt === null && (
        <Action frame={frame} to={`${path}/revoke`} label={`Revoke ${name} on ${connection.resource.name}`}>
          Revoke
        </Action>
      )}
    </article>
  );
};
