import type { Child } from "hono/jsx";
import type { UsedConnection } from "../../../store/connection-listing.ts";
import type { UserSummary } from "../../../store/user-listing.ts";
import { Confirm } from "../confirm.tsx";
import { Action } from "../form.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { FullTime } from "../time.tsx";
import { countConnections } from "./clients.tsx";
import { Connections } from "./connections.tsx";
import { groupPath } from "./groups.tsx";
import { Status, signsInBy } from "./people.tsx";

type Props = {
  shell: PanelShell;
  now: Date;
  person: UserSummary;
  /** The names of the groups that they are in. */
  groups: readonly string[];
  connections: readonly UsedConnection[];
};

/** So many groups are named. */
const NAMED = 20;

/** One person, and what an owner can do about them. Owners can't do it to themselves. */
export const PersonPage = ({ shell, now, person, groups, connections }: Props) => (
  <Panel
    shell={shell}
    title={person.email}
    lead={<Status shell={shell} person={person} />}
    back={{ path: "/admin/people", name: "People" }}
  >
    <Section title="About this person">
      <dl class="facts">
        <dt>Sign-in</dt>
        <dd>{signsInBy(person)}</dd>
        <dt>Apps</dt>
        <dd>{countConnections(person.liveFamilies)}</dd>
        <dt>Groups</dt>
        <dd>
          <Groups shell={shell} groups={groups} />
        </dd>
        <dt>Joined</dt>
        <dd>
          <FullTime at={person.createdAt} now={now} />
        </dd>
        <dt>Last seen</dt>
        <dd>{person.lastSeenAt === null ? "Not lately" : <FullTime at={person.lastSeenAt} now={now} />}</dd>
      </dl>
      <p>
        <a href={`${shell.issuer}/admin/audit?${new URLSearchParams({ user: person.email })}`}>See what they did</a>
      </p>
    </Section>
    <Connections {...{ shell, now, connections }} of="person" count={person.liveFamilies} />
    {person.email !== shell.email && <Changes shell={shell} person={person} />}
  </Panel>
);

const Groups = ({ shell, groups }: Pick<Props, "shell" | "groups">) =>
  groups.length === 0 ? (
    "None"
  ) : (
    <>
      {groups.slice(0, NAMED).map((name, index) => (
        <>
          {index > 0 && ", "}
          <a key={name} href={shell.issuer + groupPath(name)}>
            <bdi>{name}</bdi>
          </a>
        </>
      ))}
      {groups.length > NAMED && ` and ${groups.length - NAMED} more`}
    </>
  );

const Changes = ({ shell, person }: Pick<Props, "shell" | "person">) => {
  const { email, disabled } = person;
  const ends = `${countConnections(person.liveFamilies)} will end at once`;
  return (
    <Section title="Change access" danger>
      {disabled ? (
        <Row title="Enable this person" sentence="They can sign in again. What they had stays ended.">
          <Action shell={shell} to="/admin/people/enable" fields={{ email }}>
            Enable
          </Action>
        </Row>
      ) : (
        <>
          <Row title="Reset how they sign in" sentence="For somebody who has lost everything they sign in with.">
            <Ask
              {...{ shell, email }}
              what="reset"
              action="Reset"
              title={`Reset how ${email} signs in?`}
              sentence="You get a link to send to them. When they use it, their old passkeys, password and recovery codes stop working."
            />
          </Row>
          <Row
            title="Disable this person"
            sentence="They are signed out, and can’t sign in until you enable them again."
          >
            <Ask
              {...{ shell, email }}
              what="disable"
              action="Disable"
              title={`Disable ${email}?`}
              sentence={`${ends}.`}
            />
          </Row>
        </>
      )}
      <Row title="Delete this person" sentence="The account is gone, with everything it allowed.">
        <Ask
          {...{ shell, email }}
          what="delete"
          action="Delete"
          title={`Delete ${email}?`}
          sentence={`${ends}. This can’t be undone.`}
        />
      </Row>
    </Section>
  );
};

type RowProps = { title: string; sentence: string; children?: Child };

const Row = ({ title, sentence, children }: RowProps) => (
  <div class="row">
    <div>
      <strong>{title}</strong>
      <p class="quiet">{sentence}</p>
    </div>
    {children}
  </div>
);

type AskProps = { shell: PanelShell; email: string; what: string; action: string; title: string; sentence: string };

const Ask = ({ shell, email, what, action, title, sentence }: AskProps) => (
  <Confirm shell={shell} id={what} to={`/admin/people/${what}`} fields={{ email }} action={action} title={title}>
    <p>{sentence}</p>
  </Confirm>
);
