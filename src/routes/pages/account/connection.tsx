import { clientTrust } from "../../../oauth/client-trust.ts";
import type { Connection, ConnectionEvent } from "../../../store/connections.ts";
import { TrustNote } from "../client-trust.tsx";
import { Action } from "../form.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Time } from "../time.tsx";
import { describeUserAgent } from "../user-agent.ts";
import { describeEnd, describeTimeline } from "./timeline.ts";

type Props = { frame: PanelFrame; now: Date; connection: Connection; events: readonly ConnectionEvent[] };

/** One connection: what it may do, what it is called, and all that happened to it. */
export const ConnectionPage = ({ frame, now, connection, events }: Props) => {
  const isLive = connection.revokedAt === null && connection.expiresAt > now.getTime() / 1000;
  const path = `/account/connections/${connection.id}`;
  return (
    <Panel frame={frame} title={connection.name ?? connection.client.name}>
      <dl class="facts">
        <dt>App</dt>
        <dd>
          <bdi>{connection.client.name}</bdi>
          <br />
          <span class="quiet">
            <TrustNote trust={clientTrust(connection.client)} />
          </span>
        </dd>
        <dt>Server</dt>
        <dd>
          <bdi>{connection.resource.name}</bdi>
          <br />
          <code>{connection.resource.uri}</code>
        </dd>
        <dt>Allowed</dt>
        <dd>
          <Time at={connection.createdAt} now={now} />, in {describeUserAgent(connection.userAgent)}
        </dd>
        <dt>Last used</dt>
        <dd>
          <Time at={connection.lastUsedAt} now={now} />
        </dd>
        <dt>{isLive ? "Ends" : "Ended"}</dt>
        <dd>
          {connection.revokedAt === null ? (
            <Time at={connection.expiresAt} now={now} />
          ) : (
            <>
              <Time at={connection.revokedAt} now={now} />: {describeEnd(connection.revokedReason)}
            </>
          )}
        </dd>
      </dl>
      {isLive && <Changes frame={frame} path={path} connection={connection} />}
      <h2>What happened</h2>
      <ol class="timeline">
        {describeTimeline(events, connection.revokedReason).map((entry) => (
          <li key={`${entry.at} ${entry.text}`} class={entry.alarming ? "alarming" : ""}>
            <Time at={entry.at} now={now} />
            <span>
              {entry.text}
              {entry.times > 1 && `, ${entry.times} times`}
              {entry.address && <span class="quiet"> from {entry.address}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
};

const Changes = ({ frame, path, connection }: { frame: PanelFrame; path: string; connection: Connection }) => (
  <>
    <h2 id="permissions">It may</h2>
    <form method="post" action={`${frame.issuer}${path}/narrow`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <ul class="scopes" aria-labelledby="permissions">
        {connection.scopes.map((scope) => (
          <li key={scope.name}>
            <label>
              <input type="checkbox" name="scope" value={scope.name} checked />
              <span>
                {scope.description ?? "A permission that this server does not offer any more"}
                <code>{scope.name}</code>
              </span>
            </label>
          </li>
        ))}
      </ul>
      <p class="quiet">What you untick is taken away at once. To give it back, connect the app again.</p>
      <button type="submit" class="small">
        Allow only what is ticked
      </button>
    </form>
    <h2>Name</h2>
    <form method="post" action={`${frame.issuer}${path}/rename`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <label for="name">What you call it</label>
      <input id="name" name="name" maxlength={100} value={connection.name ?? ""} placeholder={connection.client.name} />
      <button type="submit" class="small">
        Rename
      </button>
    </form>
    <h2>Revoke</h2>
    <p class="quiet">Its tokens stop working at once.</p>
    <Action frame={frame} to={`${path}/revoke`} class="small danger">
      Revoke access
    </Action>
  </>
);
