import type { Child } from "hono/jsx";
import type { ListedAuditEvent } from "../../../store/audit-listing.ts";
import { wordsOf } from "../audit-words.ts";
import type { PanelShell } from "../panel.tsx";
import { describeAppRule } from "./app-rule-words.ts";
import { clientPath } from "./clients.tsx";
import { personPath } from "./people.tsx";

/** An event in a sentence, in which everybody and everything that it names is a link. */
export const AuditSentence = ({ shell, event }: { shell: PanelShell; event: ListedAuditEvent }) => (
  <>
    {wordsOf(event.name)
      .sentence.split(/(\{\w+\})/)
      .map((part, index, parts) => (
        <Part key={part} part={part} shell={shell} event={event} isFirst={parts.slice(0, index).join("") === ""} />
      ))}
    {event.count > 1 && `, ${event.count.toLocaleString("en")} times`}
  </>
);

type PartProps = { part: string; shell: PanelShell; event: ListedAuditEvent; isFirst: boolean };

/**
 * A word of a sentence, or the element that replaces it. At the beginning, our own words have a capital, and a name
 * keeps its letters.
 */
const Part = ({ part, shell, event, isFirst }: PartProps): Child => {
  const article = isFirst ? "A" : "a";
  switch (part) {
    case "{person}":
      return <Person shell={shell} email={event.email} known={event.userId !== null} />;
    case "{actor}":
      return event.byEmail === null ? "The operator" : <Person shell={shell} email={event.byEmail} known />;
    case "{whom}":
      return <Whom shell={shell} event={event} />;
    case "{group}":
      return <Listed shell={shell} path="/admin/groups" name={event.details?.["group"]} instead="that is gone" />;
    case "{app}":
      return <App shell={shell} event={event} instead={`${article}n app`} />;
    case "{server}":
      return <Server shell={shell} event={event} instead={`${article} server`} />;
    case "{issuer}":
      return (
        <Listed shell={shell} path="/admin/issuers" name={event.details?.["issuer"]} instead={`${article}n issuer`} />
      );
    case "{provider}":
      return <Provider shell={shell} slug={event.details?.["provider"]} />;
    case "{rule}":
      return <a href={`${shell.issuer}/admin/new-apps`}>{describeAppRule(event.details)}</a>;
    case "{count}":
      return String(event.details?.["count"] ?? "some");
    case "{tool}":
      return event.details?.["tool"] === undefined ? "a tool" : <code>{String(event.details["tool"])}</code>;
    default:
      return part;
  }
};

const Person = ({ shell, email, known }: { shell: PanelShell; email: string | null; known: boolean }) =>
  email === null ? (
    known ? (
      "A deleted person"
    ) : (
      "Someone"
    )
  ) : (
    <a href={shell.issuer + personPath(email)}>
      <bdi>{email}</bdi>
    </a>
  );

type ListedProps = { shell: PanelShell; path: string; name: unknown; instead: string };

/** A name with the list that it is or was in. That page exists even if what has the name was deleted. */
const Listed = ({ shell, path, name, instead }: ListedProps) =>
  name === undefined ? (
    instead
  ) : (
    <a href={shell.issuer + path}>
      <bdi>{String(name)}</bdi>
    </a>
  );

const Provider = ({ shell, slug }: { shell: PanelShell; slug: unknown }) =>
  slug === undefined ? (
    "a provider"
  ) : (
    <>
      the provider <Listed shell={shell} path="/admin/providers" name={slug} instead="" />
    </>
  );

/** Whom a rule about a server names. */
const Whom = ({ shell, event }: { shell: PanelShell; event: ListedAuditEvent }) => {
  if (event.userId !== null) return <Person shell={shell} email={event.email} known />;
  const group = event.details?.["group"];
  return group === undefined ? (
    "everyone"
  ) : (
    <>
      the group <Listed shell={shell} path="/admin/groups" name={group} instead="" />
    </>
  );
};

type SubjectProps = { shell: PanelShell; event: ListedAuditEvent; instead: string };

const App = ({ shell, event, instead }: SubjectProps) => {
  const { clientId, clientName } = event;
  if (clientId === null) return instead;
  if (clientName === null) return <code>{clientId}</code>;
  return (
    <a href={shell.issuer + clientPath(clientId)}>
      <bdi>{clientName}</bdi>
    </a>
  );
};

const Server = ({ shell, event, instead }: SubjectProps) => {
  const { resourceId, resourceName } = event;
  if (resourceId === null) return instead;
  if (resourceName === null) return <code>{resourceId}</code>;
  return (
    <a href={`${shell.issuer}/admin/resources/${resourceId}`}>
      <bdi>{resourceName}</bdi>
    </a>
  );
};

/** Merges equal routine events in a row into one, with a count and the time of the last. */
export function groupRoutine(events: readonly ListedAuditEvent[]): ListedAuditEvent[] {
  const groups: ListedAuditEvent[] = [];
  for (const event of events) {
    const last = groups.at(-1);
    if (last && isSame(last, event)) groups.splice(-1, 1, { ...last, count: last.count + event.count });
    else groups.push(event);
  }
  return groups;
}

/** What a row says of an event. Rows that differ in it stay apart, or one would speak for another server or address. */
const SUBJECTS = ["familyId", "clientId", "resourceId", "userId", "address"] as const;

const isSame = (one: ListedAuditEvent, other: ListedAuditEvent): boolean =>
  wordsOf(one.name).routine === true &&
  one.name === other.name &&
  SUBJECTS.every((subject) => one[subject] === other[subject]) &&
  one.details?.["tool"] === other.details?.["tool"];
