import { AUDIT_EVENTS } from "../../../store/audit-events.ts";
import type { ListedAuditEvent } from "../../../store/audit-listing.ts";
import { Field, Problem } from "../field.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { clientUrl } from "./clients.tsx";

export type AuditFilterForm = {
  readonly event: string;
  readonly user: string;
  readonly client: string;
  readonly days: string;
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
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  return (
    <Panel frame={frame} title="Audit log">
      <Problem text={problem} />
      <form method="get" action={`${frame.issuer}/admin/audit`}>
        <div class="fields">
          <div>
            <label for="event">Event</label>
            <select id="event" name="event">
              <option value="">any</option>
              {AUDIT_EVENTS.map((name) => (
                <option key={name} value={name} selected={name === filter.event}>
                  {name.replaceAll("_", " ")}
                </option>
              ))}
            </select>
          </div>
          <Field name="user" label="Person" value={filter.user} maxlength={320} />
          <Field name="client" label="App (id)" value={filter.client} maxlength={2000} />
          <Field name="days" label="The last days" type="number" value={filter.days} />
        </div>
        <button type="submit" class="small">
          Filter
        </button>{" "}
        <a href={`${frame.issuer}/admin/audit.ndjson?${query}`} download="audit.ndjson">
          Export as NDJSON
        </a>
      </form>
      {events.length === 0 ? (
        <p class="empty">Nothing has happened that matches.</p>
      ) : (
        <section class="scroll" tabindex={0} aria-label="Events">
          <table>
            <thead>
              <tr>
                <th scope="col">When (UTC)</th>
                <th scope="col">What</th>
                <th scope="col">Who</th>
                <th scope="col">App</th>
                <th scope="col">From</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <tr key={event.id}>
                  <td>
                    <time datetime={new Date(event.at * 1000).toISOString()}>{formatTime(event.at)}</time>
                  </td>
                  <td>{event.name.replaceAll("_", " ")}</td>
                  <td>
                    <bdi>{event.email ?? event.userId ?? ""}</bdi>
                    {event.byEmail !== null && event.byEmail !== event.email && (
                      <span class="quiet">
                        {" "}
                        by <bdi>{event.byEmail}</bdi>
                      </span>
                    )}
                  </td>
                  <td>
                    {event.clientId && (
                      <a href={clientUrl(frame, event.clientId)}>
                        <code>{shorten(event.clientId)}</code>
                      </a>
                    )}
                  </td>
                  <td>{event.address ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {next !== null && (
        <p>
          <a href={`${frame.issuer}/admin/audit?${query}${query.size > 0 ? "&" : ""}before=${next}`}>Older</a>
        </p>
      )}
    </Panel>
  );
};

const formatTime = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
