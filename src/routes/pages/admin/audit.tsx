import { AUDIT_EVENTS } from "../../../store/audit-events.ts";
import type { ListedAuditEvent } from "../../../store/audit-listing.ts";
import { Field, Problem, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { nothingFound, Pager, queryOf } from "../pager.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { clientPath } from "./clients.tsx";

export type AuditFilterForm = {
  readonly event: string;
  readonly user: string;
  readonly client: string;
  readonly days: number | null;
};

type Props = {
  frame: PanelFrame;
  events: readonly ListedAuditEvent[];
  filter: AuditFilterForm;
  /** The id that the next page comes before, or null. */
  next: number | null;
  problem: string | null;
};

/** What happened. */
export const AuditPage = ({ frame, events, filter, next, problem }: Props) => {
  const query = { ...filter, days: String(filter.days ?? "") };
  return (
    <Panel frame={frame} title="Audit log">
      <Problem text={problem} />
      <form method="get" action={`${frame.issuer}/admin/audit`}>
        <div class="fields">
          <Select name="event" label="Event" value={filter.event} options={EVENTS} />
          <Field name="user" label="Person" value={filter.user} maxlength={320} />
          <Field name="client" label="App (id)" value={filter.client} maxlength={2000} />
          <Field name="days" label="The last days" type="number" value={query.days} />
        </div>
        <button type="submit" class="small">
          Filter
        </button>{" "}
        <a href={`${frame.issuer}/admin/audit.ndjson?${queryOf(query)}`} download="audit.ndjson">
          Export as NDJSON
        </a>
      </form>
      <Table
        label="Events"
        items={events}
        keyOf={(event) => String(event.id)}
        empty={nothingFound("Nothing has happened that matches.", next)}
        columns={[
          { title: "When (UTC)", cell: ({ at }) => <Instant at={at} /> },
          { title: "What", cell: (event) => <Happening event={event} /> },
          { title: "Who", cell: (event) => <Persons event={event} /> },
          { title: "App", cell: ({ clientId }) => clientId && <App frame={frame} id={clientId} /> },
          { title: "From", cell: ({ address }) => address },
        ]}
      />
      <Pager frame={frame} path="/admin/audit" next={next === null ? null : { ...query, before: String(next) }}>
        Older
      </Pager>
    </Panel>
  );
};

const EVENTS = [["", "any"] as const, ...AUDIT_EVENTS.map((name) => [name, name.replaceAll("_", " ")] as const)];

const Instant = ({ at }: { at: number }) => {
  const iso = new Date(at * 1000).toISOString();
  return <time datetime={iso}>{iso.slice(0, 19).replace("T", " ")}</time>;
};

/** An event, and how often it happened where it is counted. */
const Happening = ({ event: { name, count } }: { event: ListedAuditEvent }) => (
  <>
    {name.replaceAll("_", " ")}
    {count > 1 && <span class="quiet"> {count} times</span>}
  </>
);

/** The person it is about, and the one who did it if that is somebody else. */
const Persons = ({ event }: { event: ListedAuditEvent }) => (
  <>
    <bdi>{event.email ?? event.userId}</bdi>
    {event.byEmail !== null && event.byEmail !== event.email && (
      <span class="quiet">
        {" "}
        by <bdi>{event.byEmail}</bdi>
      </span>
    )}
  </>
);

const App = ({ frame, id }: { frame: PanelFrame; id: string }) => (
  <a href={frame.issuer + clientPath(id)}>
    <code>{id.length > 40 ? `${id.slice(0, 39)}…` : id}</code>
  </a>
);
