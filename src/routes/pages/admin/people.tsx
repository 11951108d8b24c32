import type { Page } from "../../../flows/admin/page.ts";
import type { SetupLinkUrl } from "../../../flows/admin/setup-links.ts";
import type { ListedSetupLink } from "../../../store/setup-links.ts";
import type { UserSummary } from "../../../store/user-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Action, Field, Form, Select } from "../form.tsx";
import { Cards } from "../list.tsx";
import { nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Secret } from "../secret.tsx";
import { Time } from "../time.tsx";
import { countConnections } from "./clients.tsx";

type Props = {
  frame: PanelFrame;
  now: Date;
  people: Page<UserSummary>;
  links: readonly ListedSetupLink[];
  search: string;
  /** A link that was just made; it is shown this once. */
  made: SetupLinkUrl | null;
  refused: RefusedForm | null;
};

/** Who may sign in, and who is invited. */
export const PeoplePage = ({ frame, now, people, links, search, made, refused }: Props) => (
  <Panel frame={frame} title="People">
    {made && (
      <Secret title="Give this link to the person, and to nobody else." values={[made.url]}>
        <span class="quiet">
          It works once, and ends <Time at={made.expiresAt.getTime() / 1000} now={now} />.
        </span>
      </Secret>
    )}
    <form method="get" action={`${frame.issuer}/admin/people`}>
      <Field name="search" label="A part of the address" type="search" value={search} maxlength={320} />
      <button type="submit" class="small">
        Search
      </button>
    </form>
    <Cards
      items={people.items}
      keyOf={({ id }) => id}
      empty={nothingFound("There is nobody like that.", people.next)}
      card={(person) => <PersonCard frame={frame} now={now} person={person} />}
    />
    <Pager frame={frame} path="/admin/people" next={people.next === null ? null : { search, after: people.next }}>
      More
    </Pager>
    <h2>Invite somebody</h2>
    <Form frame={frame} to="/admin/people/invite" refused={refused}>
      <div class="fields">
        <Field name="email" label="Email address" type="email" required maxlength={320} />
        <Select name="role" label="Role" options={ROLES} />
      </div>
      <button type="submit" class="small">
        Make a link
      </button>
    </Form>
    {links.length > 0 && (
      <>
        <h2>Links that wait</h2>
        <Cards
          items={links}
          keyOf={({ id }) => id}
          empty=""
          card={(link) => (
            <>
              <h3>
                <bdi>{link.email ?? "whoever has it"}</bdi>
                <span class="badge">{link.role ?? "new credentials"}</span>
              </h3>
              <p class="quiet">
                Ends <Time at={link.expiresAt} now={now} />
              </p>
              <Action frame={frame} to="/admin/people/revoke-link" fields={{ link: link.id }}>
                Make it void
              </Action>
            </>
          )}
        />
      </>
    )}
  </Panel>
);

const ROLES = [
  ["member", "member: connects apps"],
  ["owner", "owner: manages this server too"],
] as const;

const PersonCard = ({ frame, now, person }: { frame: PanelFrame; now: Date; person: UserSummary }) => {
  const act = (to: string, what: string, danger = false) => (
    <Action
      frame={frame}
      to={`/admin/people/${to}`}
      fields={{ email: person.email }}
      class={danger ? "small danger" : "small"}
      label={`${what}: ${person.email}`}
    >
      {what}
    </Action>
  );
  return (
    <>
      <h2>
        <bdi>{person.email}</bdi>
        {person.role === "owner" && <span class="badge">owner</span>}
        {person.disabled && <span class="badge bad">disabled</span>}
      </h2>
      <p class="quiet">
        {signsInBy(person)}, {countConnections(person.liveFamilies)}, here since{" "}
        <Time at={person.createdAt} now={now} />
        {person.lastSeenAt !== null && (
          <>
            , last seen <Time at={person.lastSeenAt} now={now} />
          </>
        )}
      </p>
      {person.email === frame.email ? (
        <p class="quiet">This is you.</p>
      ) : (
        <>
          {person.disabled ? act("enable", "Enable") : act("disable", "Disable")}
          {!person.disabled && act("reset", "Reset credentials")}
          {act("delete", "Delete", true)}
        </>
      )}
    </>
  );
};

function signsInBy({ passkeys, hasPassword }: UserSummary): string {
  const ways = [
    passkeys === 0 ? "" : passkeys === 1 ? "a passkey" : `${passkeys} passkeys`,
    hasPassword ? "a password" : "",
  ].filter((way) => way !== "");
  return ways.length === 0 ? "Can't sign in yet" : `Has ${ways.join(" and ")}`;
}
