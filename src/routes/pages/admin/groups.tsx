import type { PageOf } from "../../../flows/admin/page.ts";
import type { Group } from "../../../store/groups.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Creation } from "../creation.tsx";
import { Field, Form, Select } from "../form.tsx";
import { Cards, Table } from "../list.tsx";
import { countOf, nothingFound, Pager } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Toolbar } from "../toolbar.tsx";
import { personPath } from "./people.tsx";

type ListProps = {
  shell: PanelShell;
  groups: PageOf<Group>;
  search: string;
  page: number;
  /** The names of the providers that may decide who belongs to a group. */
  providers: readonly { readonly slug: string; readonly name: string }[];
  refused: RefusedForm | null;
};

const PATH = "/admin/groups";

/** The address of a group's page, under the issuer. */
export const groupPath = (name: string): string => `${PATH}/one?${new URLSearchParams({ name })}`;

/** Groups of people who may use servers together. */
export const GroupsPage = ({ shell, groups, search, page, providers, refused }: ListProps) => (
  <Panel
    shell={shell}
    title="Groups"
    lead="Give a group access to a server, instead of each person. You choose the people in it, or a provider does at each sign-in."
    back={{ path: "/admin/people", name: "People" }}
  >
    <Creation title="Add a group" open={refused !== null}>
      <Form shell={shell} to={PATH} refused={refused}>
        <div class="fields">
          <Field name="name" label="Name" required maxlength={100} />
          <Select
            name="provider"
            label="Who chooses its people"
            options={[["", "You"], ...providers.map(({ slug, name }) => [slug, name] as const)]}
          />
          <Field
            name="rule"
            label="Provider’s rule"
            hint="Only for a provider: org:acme, team:acme/devs, domain:example.com or claim:groups=staff."
            maxlength={400}
          />
        </div>
        <button type="submit">Add group</button>
      </Form>
    </Creation>
    {(groups.items.length > 0 || page > 1 || search !== "") && (
      <Toolbar shell={shell} path={PATH}>
        <Field name="search" label="Part of the group’s name" type="search" value={search} maxlength={100} />
      </Toolbar>
    )}
    <Cards
      items={groups.items}
      keyOf={({ id }) => id}
      icon="people"
      empty={nothingFound(
        search === ""
          ? "No groups yet. Add one to give several people access to a server at once."
          : "No group matches.",
        groups.next,
      )}
      card={(group) => (
        <>
          <h2>
            <a href={shell.issuer + groupPath(group.name)}>
              <bdi>{group.name}</bdi>
            </a>{" "}
            <Follows group={group} />
          </h2>
          <p class="quiet">
            {countOf(group.people, "person", "people")}
            {group.servers.length > 0 && (
              <>
                , may use <Servers names={group.servers} />
              </>
            )}
          </p>
        </>
      )}
    />
    {(groups.items.length > 0 || page > 1) && (
      <Pager
        shell={shell}
        path={PATH}
        query={{ search }}
        next={groups.next === null ? null : { after: groups.next }}
        page={page}
        shown={countOf(groups.items.length, "group")}
      >
        More
      </Pager>
    )}
  </Panel>
);

const Servers = ({ names }: { names: readonly string[] }) =>
  names.map((name, index) => (
    <>
      {index > 0 && ", "}
      <bdi key={name}>{name}</bdi>
    </>
  ));

const Follows = ({ group }: { group: Group }) =>
  group.follows && (
    <Badge>
      {group.follows.provider}: {group.follows.rule}
    </Badge>
  );

type Props = {
  shell: PanelShell;
  group: Group & { readonly members: readonly string[] };
  refused: RefusedForm | null;
};

/** One group with its people. */
export const GroupPage = ({ shell, group, refused }: Props) => (
  <Panel
    shell={shell}
    title={group.name}
    beside={<Follows group={group} />}
    lead={
      group.servers.length === 0 ? (
        <>
          This group has no access to a server yet. Give it access on the page of{" "}
          <a href={`${shell.issuer}/admin/resources`}>a server</a>.
        </>
      ) : (
        <>
          May use <Servers names={group.servers} />.
        </>
      )
    }
    back={{ path: PATH, name: "Groups" }}
  >
    <Section
      title="People"
      lead={group.follows ? "The provider chooses them, each time somebody signs in with it." : undefined}
    >
      {!group.follows && (
        <Form shell={shell} to="/admin/groups/join" refused={refused} fields={{ name: group.name }}>
          <Field name="email" label="Email address" type="email" required maxlength={320} />
          <button type="submit">Add to the group</button>
        </Form>
      )}
      <Table
        label="People"
        items={group.members}
        keyOf={(email) => email}
        icon="people"
        empty="Nobody is in it yet."
        columns={[
          {
            title: "Person",
            cell: (email) => (
              <a href={shell.issuer + personPath(email)}>
                <bdi>{email}</bdi>
              </a>
            ),
          },
          {
            title: "Change",
            cell: (email) =>
              group.follows ? null : (
                <Confirm
                  shell={shell}
                  id={`remove-${email}`}
                  to="/admin/groups/leave"
                  fields={{ name: group.name, email }}
                  action="Remove"
                  label={`Remove ${email}`}
                  title={`Remove ${email} from ${group.name}?`}
                >
                  <p>They lose access that they have only through this group, and so do their apps.</p>
                </Confirm>
              ),
          },
        ]}
      />
      {group.people > group.members.length && (
        <p class="quiet">and {countOf(group.people - group.members.length, "more", "more")}</p>
      )}
    </Section>
    <Section title="Delete this group" danger>
      <p class="quiet">People in it lose access that they have only through this group, and so do their apps.</p>
      <Confirm
        shell={shell}
        id="delete"
        to="/admin/groups/delete"
        fields={{ name: group.name }}
        action="Delete group"
        title={`Delete ${group.name}?`}
      >
        <p>
          {countOf(group.people, "person loses", "people lose")} access that they have only through it. This can’t be
          undone.
        </p>
      </Confirm>
    </Section>
  </Panel>
);
