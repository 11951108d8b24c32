import { capitalize } from "../../../lib/capitalize.ts";
import { clientTrust } from "../../../oauth/client-trust.ts";
import type { ConnectionEvent } from "../../../store/connection-events.ts";
import type { ConnectionDetails } from "../../../store/connections.ts";
import type { RefusedForm } from "../../fields.ts";
import { TrustBadge, TrustNote } from "../client-trust.tsx";
import { Empty } from "../empty.tsx";
import { Field, Form } from "../form.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Permissions } from "../permissions.tsx";
import { Section } from "../section.tsx";
import { FullTime } from "../time.tsx";
import { Undo } from "../undo.tsx";
import { describeUserAgent } from "../user-agent.ts";
import { connectionNameOf, EndAccess, isLive } from "./connections.tsx";
import { describeEnd, describeTimeline, isRoutine, wasStolen } from "./timeline.ts";

type Props = {
  shell: PanelShell;
  now: Date;
  connection: ConnectionDetails;
  events: readonly ConnectionEvent[];
  /** Its name until just now, to change it back. "" for the app's own name. */
  formerName: string | null;
  refused: RefusedForm | null;
  /** Whether its history leaves out what happens all the time. */
  hidesRoutine: boolean;
};

/** One connection: what it may do, its name, and everything that happened to it. */
export const ConnectionPage = ({ shell, now, connection, events, formerName, refused, hidesRoutine }: Props) => {
  const path = `/account/connections/${connection.id}`;
  const trust = clientTrust(connection.client);
  return (
    <Panel
      shell={shell}
      title={connectionNameOf(connection)}
      beside={<TrustBadge trust={trust} />}
      lead={<TrustNote trust={trust} />}
      back={{ path: "/account", name: "Connected apps" }}
    >
      {formerName !== null && (
        <Undo shell={shell} to={`${path}/rename`} fields={{ name: formerName }}>
          The name can be changed back.
        </Undo>
      )}
      {isLive(connection, now) && connection.restorable.length > 0 && (
        <Undo shell={shell} to={`${path}/undo`}>
          Taken away: {connection.restorable.map(({ description }) => description).join("; ")}.
        </Undo>
      )}
      {wasStolen(connection.revokedReason) && (
        <p class="warning">
          Someone may have copied this app’s access, so it has ended. To use the app again, connect it again. Tell the
          owner of this service if you don’t know why this happened.
        </p>
      )}
      <Section title="About this connection">
        <Facts now={now} connection={connection} />
      </Section>
      {isLive(connection, now) && <Changes {...{ shell, path, connection, refused }} />}
      <Section title="History" id="history">
        {events.some(isRoutine) && <Filter shell={shell} path={path} hidesRoutine={hidesRoutine} />}
        <Timeline {...{ now, connection, events, hidesRoutine }} />
      </Section>
      {isLive(connection, now) && (
        <Section title="End access" danger>
          <p class="quiet">The app stops working with this server at once.</p>
          <EndAccess shell={shell} connection={connection} name={connectionNameOf(connection)} />
        </Section>
      )}
    </Panel>
  );
};

const Facts = ({ now, connection }: Pick<Props, "now" | "connection">) => (
  <dl class="facts">
    {connection.name !== null && (
      <>
        <dt>App</dt>
        <dd>
          <bdi>{connection.client.name}</bdi>
        </dd>
      </>
    )}
    <dt>Server</dt>
    <dd>
      <bdi>{connection.resource.name}</bdi>
      <br />
      <code>{connection.resource.uri}</code>
    </dd>
    <dt>Allowed</dt>
    <dd>
      <FullTime at={connection.createdAt} now={now} />
      <br />
      in {describeUserAgent(connection.userAgent)}
    </dd>
    <dt>Last used</dt>
    <dd>
      <FullTime at={connection.lastUsedAt} now={now} />
    </dd>
    <dt>{isLive(connection, now) ? "Access ends" : connection.revokedAt === null ? "Expired" : "Ended"}</dt>
    <dd>
      {connection.revokedAt === null ? (
        <FullTime at={connection.expiresAt} now={now} />
      ) : (
        <>
          <FullTime at={connection.revokedAt} now={now} />
          <br />
          {capitalize(describeEnd(connection.revokedReason))}
        </>
      )}
    </dd>
  </dl>
);

/** The field that a refused form of more permissions names. */
export const ADDING = "add";

type ChangesProps = Pick<Props, "shell" | "connection" | "refused"> & { path: string };

const Changes = ({ shell, path, connection, refused }: ChangesProps) => {
  const [narrowing, adding] = refused?.field === ADDING ? [null, { ...refused, field: null }] : [refused, null];
  const name = connection.name ?? "";
  return (
    <>
      <Section title="Permissions" lead="Untick what the app should no longer do.">
        <Form shell={shell} to={`${path}/narrow`} refused={narrowing}>
          <Permissions
            scopes={connection.scopes}
            ticked={narrowing ? narrowing.typed.getAll("scope") : connection.scopes.map(({ name }) => name)}
          />
          <button type="submit">Save permissions</button>
        </Form>
      </Section>
      {connection.addable.length > 0 && (
        <Section
          title="Add permissions"
          lead="Tick what the app should be able to do as well. You may be asked to sign in again."
        >
          <Form shell={shell} to={`${path}/add`} refused={adding}>
            <Permissions scopes={connection.addable} ticked={adding?.typed.getAll("scope") ?? []} />
            <button type="submit" class="plain">
              Allow these too
            </button>
          </Form>
        </Section>
      )}
      <Section title="Name" lead="Only you see it. Leave it empty for the app’s own name.">
        <Form shell={shell} to={`${path}/rename`} fields={{ was: name }}>
          <div class="beside">
            <Field
              name="name"
              label="Your name for this connection"
              value={name}
              maxlength={100}
              placeholder={connection.client.name}
            />
            <button type="submit" class="plain">
              Rename
            </button>
          </div>
        </Form>
      </Section>
    </>
  );
};

type FilterProps = { shell: PanelShell; path: string; hidesRoutine: boolean };

/** Links that leave out of the history what would hide the rest, or bring it back. */
const Filter = ({ shell, path, hidesRoutine }: FilterProps) => (
  <nav class="ranges" aria-label="What the history shows">
    {(
      [
        ["Everything", ""],
        ["Without routine", "?routine=hidden"],
      ] as const
    ).map(([words, query]) => (
      <a
        key={words}
        class="button small"
        href={`${shell.issuer}${path}${query}#history`}
        {...((query !== "") === hidesRoutine ? { "aria-current": "true" } : {})}
      >
        {words}
      </a>
    ))}
  </nav>
);

type TimelineProps = Pick<Props, "now" | "connection" | "events" | "hidesRoutine">;

const Timeline = ({ now, connection, events: all, hidesRoutine }: TimelineProps) => {
  const events = hidesRoutine ? all.filter((event) => !isRoutine(event)) : all;
  const entries = describeTimeline(events, connection.revokedReason);
  if (entries.length === 0)
    return <Empty icon="clock">{all.length === 0 ? "Nothing has happened yet." : "Nothing else has happened."}</Empty>;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <li key={`${entry.at} ${entry.text}`} class={entry.alarming ? "alarming" : ""}>
          <div>
            <FullTime at={entry.at} now={now} />
          </div>
          <span>
            {entry.text}
            {entry.times > 1 && `, ${entry.times} times`}
            {entry.address && (
              <span class="quiet">
                {" "}
                from <code>{entry.address}</code>
              </span>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
};
