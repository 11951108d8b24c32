import type { PageOf } from "../../../flows/admin/page.ts";
import type { SetupLinkUrl } from "../../../flows/admin/setup-links.ts";
import type { ListedSetupLink } from "../../../store/setup-links.ts";
import type { UserState, UserSummary } from "../../../store/user-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Creation } from "../creation.tsx";
import { Action, Field, Form, Hidden, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { Named } from "../named.tsx";
import { countOf, hrefOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { Toolbar } from "../toolbar.tsx";
import { shortCount } from "./clients.tsx";

type PeopleQuery = { readonly search: string; readonly state: UserState | ""; readonly order: "z" | "" };

type Props = {
  shell: PanelShell;
  now: Date;
  people: PageOf<UserSummary>;
  links: readonly ListedSetupLink[];
  query: PeopleQuery;
  page: number;
  /** A link that was just made and is shown this once. */
  made: SetupLinkUrl | null;
  refused: RefusedForm | null;
};

const PATH = "/admin/people";

/** The people who can sign in, and those who are invited. */
export const PeoplePage = ({ shell, now, people, links, query, page, made, refused }: Props) => (
  <Panel
    shell={shell}
    title="People"
    lead="Everyone who can sign in here."
    action={
      <a class="button plain" href={`${shell.issuer}/admin/groups`}>
        Groups
      </a>
    }
  >
    {made && (
      <Secret title="Send this link to the person, and to nobody else." values={[made.url]}>
        <span class="quiet">
          It works once, and expires <Time at={made.expiresAt.getTime() / 1000} now={now} />.
        </span>
      </Secret>
    )}
    <Creation title="Invite someone" open={refused !== null}>
      <Form shell={shell} to="/admin/people/invite" refused={refused}>
        <div class="fields">
          <Field name="email" label="Email address" type="email" required maxlength={320} />
          <Select name="role" label="Role" options={ROLES} />
        </div>
        <p class="hint">You get a link to send to them. No email is sent from here.</p>
        <button type="submit">Create invitation</button>
      </Form>
    </Creation>
    <Toolbar shell={shell} path={PATH}>
      <Field name="search" label="Part of the email address" type="search" value={query.search} maxlength={320} />
      <Select name="state" label="Show" value={query.state} options={STATES} />
      <Hidden fields={query.order ? { order: query.order } : {}} />
    </Toolbar>
    <Table
      label="People"
      items={people.items}
      keyOf={({ id }) => id}
      icon="people"
      empty={nothingFound("Nobody matches.", people.next)}
      columns={[
        {
          title: "Person",
          cell: (person) => (
            <Named name={person.email} href={shell.issuer + personPath(person.email)} shape="person">
              {signsInBy(person)}
            </Named>
          ),
          sort: {
            href: hrefOf(shell, PATH, { ...query, order: query.order === "" ? "z" : "" }),
            direction: query.order === "" ? "ascending" : "descending",
          },
        },
        { title: "Role", cell: (person) => <Status shell={shell} person={person} /> },
        { title: "Connections", cell: ({ liveFamilies }) => shortCount(liveFamilies) },
        {
          title: "Last seen",
          cell: ({ lastSeenAt }) => (lastSeenAt === null ? "Not lately" : <Time at={lastSeenAt} now={now} />),
        },
      ]}
    />
    <Pager
      shell={shell}
      path={PATH}
      query={query}
      next={people.next === null ? null : { after: people.next }}
      page={page}
      shown={countOf(people.items.length, "person", "people")}
    >
      More
    </Pager>
    {links.length > 0 && <PendingLinks shell={shell} now={now} links={links} />}
  </Panel>
);

const ROLES = [
  ["member", "Member: connects apps"],
  ["owner", "Owner: manages this service too"],
] as const;

const STATES = [
  ["", "Everyone"],
  ["owner", "Owners"],
  ["member", "Members"],
  ["disabled", "Disabled"],
] as const;

/** The address of a person's page, under the issuer. */
export const personPath = (email: string): string => `${PATH}/one?${new URLSearchParams({ email })}`;

export const Status = ({ shell, person }: { shell: PanelShell; person: UserSummary }) => (
  <>
    {person.role === "owner" ? "Owner" : "Member"} {person.disabled && <Badge tone="bad">Disabled</Badge>}
    {person.email === shell.email && <Badge>You</Badge>}
  </>
);

export function signsInBy({ passkeys, hasPassword }: UserSummary): string {
  const ways = [...(passkeys === 0 ? [] : [countOf(passkeys, "passkey")]), ...(hasPassword ? ["a password"] : [])];
  return ways.length === 0 ? "Can’t sign in yet" : `Signs in with ${ways.join(" and ")}`;
}

type LinksProps = { shell: PanelShell; now: Date; links: readonly ListedSetupLink[] };

const PendingLinks = ({ shell, now, links }: LinksProps) => (
  <Section title="Pending links" lead="Invitations and sign-in resets that nobody has used yet.">
    <Table
      label="Pending links"
      items={links}
      keyOf={({ id }) => id}
      empty=""
      columns={[
        { title: "For", cell: ({ email }) => <bdi>{email ?? "Anyone with the link"}</bdi> },
        {
          title: "Purpose",
          cell: ({ role }) =>
            role === null ? "Reset sign-in" : role === "owner" ? "Invite as owner" : "Invite as member",
        },
        { title: "Expires", cell: ({ expiresAt }) => <Time at={expiresAt} now={now} /> },
        {
          title: "Actions",
          cell: (link) => (
            <Action
              shell={shell}
              to={`${PATH}/revoke-link`}
              fields={{ link: link.id }}
              label={`Cancel link for ${link.email ?? "anyone"}`}
            >
              Cancel link
            </Action>
          ),
        },
      ]}
    />
  </Section>
);
