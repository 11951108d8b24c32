import type { Page } from "../../../flows/admin/page.ts";
import type { SetupLinkUrl } from "../../../flows/admin/setup-links.ts";
import type { ListedSetupLink } from "../../../store/setup-links.ts";
import type { UserSummary } from "../../../store/user-listing.ts";
import { Field, Problem } from "../field.tsx";
import { Action, Panel, type PanelFrame } from "../panel.tsx";
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
  problem: string | null;
};

/** Who may sign in, and who is invited. */
export const PeoplePage = ({ frame, now, people, links, search, made, problem }: Props) => (
  <Panel frame={frame} title="People">
    {made && (
      <div class="secret" role="status">
        <strong>Give this link to the person, and to nobody else. It is not shown again.</strong>
        <code>{made.url}</code>
        <span class="quiet">
          It works once, and ends <Time at={made.expiresAt.getTime() / 1000} now={now} />.
        </span>
      </div>
    )}
    <form method="get" action={`${frame.issuer}/admin/people`}>
      <Field name="search" label="A part of the address" type="search" value={search} maxlength={320} />
      <button type="submit" class="small">
        Search
      </button>
    </form>
    {people.items.length === 0 && <p class="empty">There is nobody like that.</p>}
    <ul class="cards">
      {people.items.map((person) => (
        <li key={person.id}>
          <PersonCard frame={frame} now={now} person={person} />
        </li>
      ))}
    </ul>
    {people.next !== null && (
      <p>
        <a href={`${frame.issuer}/admin/people?${new URLSearchParams({ search, after: people.next })}`}>More</a>
      </p>
    )}
    <h2>Invite somebody</h2>
    <Problem text={problem} />
    <form method="post" action={`${frame.issuer}/admin/people/invite`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <div class="fields">
        <Field
          name="email"
          label="Email address"
          type="email"
          required
          maxlength={320}
          problem={problem === null ? undefined : "problem"}
        />
        <div>
          <label for="role">Role</label>
          <select id="role" name="role">
            <option value="member">member: connects apps</option>
            <option value="owner">owner: manages this server too</option>
          </select>
        </div>
      </div>
      <button type="submit" class="small">
        Make a link
      </button>
    </form>
    {links.length > 0 && (
      <>
        <h2>Links that wait</h2>
        <ul class="cards">
          {links.map((link) => (
            <li key={link.id}>
              <article>
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
              </article>
            </li>
          ))}
        </ul>
      </>
    )}
  </Panel>
);

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
    <article>
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
    </article>
  );
};

function signsInBy({ passkeys, hasPassword }: UserSummary): string {
  const ways = [
    passkeys === 0 ? "" : passkeys === 1 ? "a passkey" : `${passkeys} passkeys`,
    hasPassword ? "a password" : "",
  ].filter((way) => way !== "");
  return ways.length === 0 ? "Can't sign in yet" : `Has ${ways.join(" and ")}`;
}
