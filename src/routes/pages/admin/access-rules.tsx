import type { AccessRule } from "../../../store/access-rules.ts";
import type { Group } from "../../../store/groups.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Confirm } from "../confirm.tsx";
import { Action, Checkbox, Field, Form, Select } from "../form.tsx";
import { Table } from "../list.tsx";
import { countOf } from "../pager.tsx";
import type { PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { personPath } from "./people.tsx";

type ServerAccessProps = {
  shell: PanelShell;
  resource: ResourceDetails;
  rules: readonly AccessRule[];
  groups: readonly Group[];
  refused: RefusedForm | null;
};

/** Who may use a server: everybody, or the named people and groups, each with all of its scopes or some. */
export const ServerAccess = ({ shell, resource, rules, groups, refused }: ServerAccessProps) => (
  <Section
    title="Who may use it"
    lead={
      resource.isOpen
        ? "Everyone who can sign in here may connect apps to this server."
        : "Only the people and groups below may connect apps to this server. Everyone else is told whom to ask."
    }
  >
    {(!resource.isOpen || rules.length > 0) && <Rules shell={shell} resource={resource} rules={rules} />}
    <details class="creation" open={refused !== null}>
      <summary class="button plain">Add a person or a group</summary>
      <Form shell={shell} to={`/admin/resources/${resource.id}/access`} refused={refused}>
        <div class="fields">
          <Select name="whom" label="Who" options={subjectsOf(groups)} />
          <Field
            name="email"
            label="Email address"
            type="email"
            maxlength={320}
            hint="Of a person who can sign in here already."
          />
        </div>
        <fieldset>
          <legend>What they may do</legend>
          {resource.scopes.map(({ name, description }) => (
            <Checkbox key={name} name="scope" value={name} checked>
              {description}
            </Checkbox>
          ))}
        </fieldset>
        <button type="submit">Add</button>
      </Form>
    </details>
    <div class="buttons">
      {resource.isOpen ? (
        <Restrict shell={shell} resource={resource} hasRules={rules.length > 0} />
      ) : (
        <Action shell={shell} to={`/admin/resources/${resource.id}/openness`} fields={{ open: "on" }}>
          Open it to everyone
        </Action>
      )}
    </div>
  </Section>
);

const subjectsOf = (groups: readonly Group[]): readonly (readonly [string, string])[] => [
  ["person", "A person"],
  ...groups.map(({ name }) => [`group:${name}`, `Group: ${name}`] as const),
  ["everybody", "Everyone, with some permissions"],
];

type RestrictProps = { shell: PanelShell; resource: ResourceDetails; hasRules: boolean };

const Restrict = ({ shell, resource, hasRules }: RestrictProps) => (
  <Confirm
    shell={shell}
    id="restrict"
    to={`/admin/resources/${resource.id}/openness`}
    action="Restrict it"
    title={`Restrict who may use ${resource.name}?`}
  >
    <p>
      {hasRules
        ? "Apps of people who aren’t listed below lose access to it at once."
        : `Nobody is listed yet, so ${countOf(resource.livePeople, "person loses", "people lose")} access at once. Add people and groups first.`}
    </p>
  </Confirm>
);

const Rules = ({ shell, resource, rules }: Omit<ServerAccessProps, "groups" | "refused">) => (
  <Table
    label="Who may use it"
    items={rules}
    keyOf={({ id }) => id}
    icon="people"
    empty="Nobody may use it yet."
    columns={[
      { title: "Who", cell: (rule) => <Subject shell={shell} rule={rule} /> },
      { title: "May have", cell: ({ scopes }) => describeBound(resource, scopes) },
      {
        title: "Change",
        cell: (rule) => (
          <Confirm
            shell={shell}
            id={`remove-${rule.id}`}
            to={`/admin/resources/${resource.id}/access/remove`}
            fields={{ rule: rule.id }}
            action="Remove"
            label={`Remove ${rule.name ?? "everyone"}`}
            title={`Remove ${rule.name ?? "everyone"}?`}
          >
            <p>Apps of people whom no other entry covers lose access to {resource.name} at once.</p>
          </Confirm>
        ),
      },
    ]}
  />
);

const Subject = ({ shell, rule }: { shell: PanelShell; rule: AccessRule }) => {
  if (rule.name === null) return "Everyone";
  if (rule.kind === "person") {
    return (
      <a href={shell.issuer + personPath(rule.name)}>
        <bdi>{rule.name}</bdi>
      </a>
    );
  }
  return (
    <>
      <a href={`${shell.issuer}/admin/groups/one?${new URLSearchParams({ name: rule.name })}`}>
        <bdi>{rule.name}</bdi>
      </a>{" "}
      <span class="quiet">{countOf(rule.people ?? 0, "person", "people")}</span>
    </>
  );
};

/** The sentences for the scopes that a rule allows. */
const describeBound = ({ scopes }: ResourceDetails, bound: AccessRule["scopes"]): string =>
  bound === null
    ? "Everything"
    : bound.map((name) => scopes.find((scope) => scope.name === name)?.description ?? name).join(", ");
