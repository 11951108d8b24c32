import type { ListedAuditEvent } from "../../../store/audit-listing.ts";
import { AUDIT_WORDS, wordsOf } from "../audit-words.ts";
import { Field, Problem, Select } from "../form.tsx";
import { Icon } from "../icon.tsx";
import { Table } from "../list.tsx";
import { countOf, hrefOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { ExactTime } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";
import { AuditSentence, groupRoutine } from "./audit-sentence.tsx";

type AuditFilterForm = {
  readonly event: string;
  readonly user: string;
  readonly client: string;
  readonly resource: string;
  readonly days: number | null;
};

type Props = {
  shell: PanelShell;
  events: readonly ListedAuditEvent[];
  filter: AuditFilterForm;
  /** The id before which the next page begins, or null. */
  next: number | null;
  /** The id after which the previous page ends, or null. */
  previous: number | null;
  page: number;
  problem: string | null;
};

const PATH = "/admin/audit";

/** The audit log. */
export const AuditPage = ({ shell, events, filter, next, previous, page, problem }: Props) => {
  const query = { ...filter, days: filter.days === null ? "" : String(filter.days) };
  return (
    <Panel
      shell={shell}
      title="Audit log"
      lead="Everything that happened, newest first."
      action={<Exports shell={shell} query={query} />}
    >
      <Problem text={problem} />
      <Toolbar shell={shell} path={PATH} submit="Filter">
        <Field
          name="user"
          label="Person"
          type="search"
          value={filter.user}
          maxlength={320}
          placeholder="Email address"
        />
        <Field name="client" label="App ID" type="search" value={filter.client} maxlength={2000} />
        <Field
          name="resource"
          label="Server"
          type="search"
          value={filter.resource}
          maxlength={2000}
          placeholder="URL"
        />
        <Select name="event" label="Event" value={filter.event} options={EVENTS} />
        <Select name="days" label="Period" value={query.days} options={periodsWith(query.days)} />
      </Toolbar>
      <Table
        label="Events"
        items={groupRoutine(events)}
        keyOf={(event) => String(event.id)}
        icon="audit"
        empty={nothingFound("Nothing matches. Change the filter, or choose a longer period.", next)}
        columns={[
          { title: "When", cell: ({ at }) => <ExactTime at={at} /> },
          {
            title: "What happened",
            plain: true,
            cell: (event) => (
              <span class={wordsOf(event.name).alarming ? "alarming" : ""}>
                {wordsOf(event.name).alarming && <Icon name="warning" />}
                <span class="sentence">
                  <AuditSentence shell={shell} event={event} />
                </span>
              </span>
            ),
          },
          { title: "From", cell: ({ address }) => address && <code>{address}</code> },
        ]}
      />
      <Pager
        shell={shell}
        path={PATH}
        query={query}
        next={next === null ? null : { before: String(next) }}
        previous={previous === null ? null : { query: { after: String(previous) }, title: "Newer" }}
        page={page}
        shown={countOf(events.length, "event")}
      >
        Older
      </Pager>
    </Panel>
  );
};

const EVENTS = [
  ["", "All events"] as const,
  ...Object.entries(AUDIT_WORDS)
    .map(([name, { label }]) => [name, label] as const)
    .sort(([, one], [, other]) => one.localeCompare(other, "en")),
];

const PERIODS = [
  ["", "All time"],
  ["1", "Last 24 hours"],
  ["7", "Last 7 days"],
  ["30", "Last 30 days"],
  ["90", "Last 90 days"],
] as const;

/** The periods to choose from. A period of another length, which an address may ask for, is added. */
const periodsWith = (days: string): readonly (readonly [string, string])[] =>
  PERIODS.some(([value]) => value === days) ? PERIODS : [...PERIODS, [days, `Last ${countOf(Number(days), "day")}`]];

const Exports = ({ shell, query }: { shell: PanelShell; query: Readonly<Record<string, string>> }) => (
  <div class="buttons">
    {(["csv", "ndjson"] as const).map((format) => (
      <a
        key={format}
        class="button small"
        href={hrefOf(shell, `${PATH}.${format}`, query)}
        download={`audit.${format}`}
      >
        <Icon name="download" />
        {format.toUpperCase()}
      </a>
    ))}
  </div>
);
