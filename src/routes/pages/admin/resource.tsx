import type { AccessRule } from "../../../store/access-rules.ts";
import type { Group } from "../../../store/groups.ts";
import type { ResourceDetails } from "../../../store/resource-listing.ts";
import type { RefusedForm } from "../../fields.ts";
import { Badge } from "../badge.tsx";
import { Confirm } from "../confirm.tsx";
import { Copyable } from "../copyable.tsx";
import { Action, Checkbox, Field, Form } from "../form.tsx";
import { Icon } from "../icon.tsx";
import { countOf } from "../pager.tsx";
import { Panel, type PanelShell } from "../panel.tsx";
import { Section } from "../section.tsx";
import { Time } from "../time.tsx";
import { ServerAccess } from "./access-rules.tsx";
import { SetupLines } from "./client-lines.tsx";
import { countConnections } from "./clients.tsx";
import { CredentialNote, type CredentialToCopy } from "./resources.tsx";
import { ScopeEditor } from "./scope-editor.tsx";

type Props = {
  shell: PanelShell;
  now: Date;
  resource: ResourceDetails;
  made: CredentialToCopy | null;
  rules: readonly AccessRule[];
  groups: readonly Group[];
  refused: RefusedForm | null;
  /** The form that gives access, as it was typed. */
  refusedAccess: RefusedForm | null;
};

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

/** One MCP server: its name, its scopes, and its credentials for introspection. */
export const ResourcePage = ({ shell, now, resource, rules, groups, made, refused, refusedAccess }: Props) => (
  <Panel
    shell={shell}
    title={resource.name}
    beside={resource.isDefault && <Badge>Default</Badge>}
    lead={
      <>
        {countConnections(resource.liveFamilies)}, {countOf(resource.livePeople, "person", "people")}.{" "}
        <a href={`${shell.issuer}/admin/audit?${new URLSearchParams({ resource: resource.uri })}`}>See what happened</a>
      </>
    }
    back={{ path: "/admin/resources", name: "Servers" }}
  >
    {made && <CredentialNote resource={made} />}
    <Section title="Connect">
      <h3>Server URL</h3>
      <Copyable value={resource.uri} label="the server URL" />
      <SetupLines shell={shell} resource={resource} />
    </Section>
    <Section
      title="Settings and scopes"
      lead="People read the sentence of each scope when an app asks for access. Access that was granted before stays as it is."
    >
      <Form shell={shell} to={`/admin/resources/${resource.id}`} refused={refused}>
        {/* The first button of a form is the one that Enter presses, so it must not be one that removes a row. */}
        <button type="submit" class="visually-hidden" tabindex={-1}>
          Save
        </button>
        <div class="fields">
          <Field name="name" label="Name" value={resource.name} required maxlength={200} />
          <Field
            name="max_days"
            label="Longest access, in days"
            hint="Leave empty for the limit of the service."
            type="number"
            step="any"
            value={resource.maxFamilySeconds === null ? "" : String(resource.maxFamilySeconds / DAY)}
          />
          <Field
            name="access_hours"
            label="Access token lifetime, in hours"
            hint="Up to 24. A longer one helps apps that lose their connection every hour. Leave empty for the default."
            type="number"
            step="any"
            value={resource.accessSeconds === null ? "" : String(resource.accessSeconds / HOUR)}
          />
        </div>
        <Checkbox name="default" checked={resource.isDefault}>
          Use this server for apps that name no server
        </Checkbox>
        <ScopeEditor scopes={resource.scopes} typed={refused?.typed ?? null} />
        <div class="buttons">
          <button type="submit">Save</button>
          <button type="submit" name="add_scope" value="1" class="plain" formnovalidate>
            Add a scope
          </button>
        </div>
      </Form>
    </Section>
    <ServerAccess {...{ shell, resource, rules, groups, refused: refusedAccess }} />
    <Section
      title="Introspection credentials"
      lead="Your server checks tokens with a credential. A new one works beside the previous one, so that you can switch without an outage. Any older one stops working."
    >
      <ul class="checks">
        {resource.credentials.map(({ createdAt, lastUsedAt }) => (
          <li key={createdAt}>
            <Icon name="key" />
            <span>
              Created <Time at={createdAt} now={now} />,{" "}
              {lastUsedAt === null ? (
                <Badge tone="warn">never used</Badge>
              ) : (
                <>
                  last used <Time at={lastUsedAt} now={now} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      <div class="buttons">
        <Rotate shell={shell} now={now} resource={resource} />
      </div>
    </Section>
    <Section title="Delete this server" danger>
      <p class="quiet">
        {resource.liveFamilies === 0
          ? "No app is connected to it."
          : `${countConnections(resource.liveFamilies)} will end, and ${countOf(resource.livePeople, "person", "people")} will lose access.`}
      </p>
      <Confirm
        shell={shell}
        id="delete"
        to={`/admin/resources/${resource.id}/delete`}
        action="Delete server"
        title={`Delete ${resource.name}?`}
      >
        <p>
          {countConnections(resource.liveFamilies)} will end at once,{" "}
          {countOf(resource.livePeople, "person loses", "people lose")} access, and its credentials stop working.
          Machines that may use only this server are deleted too. This can’t be undone.
        </p>
      </Confirm>
    </Section>
  </Panel>
);

/** Asks first if a credential stops working. */
const Rotate = ({ shell, now, resource: { id, credentials } }: Pick<Props, "shell" | "now" | "resource">) => {
  const [oldest] = credentials;
  const [to, action] = [`/admin/resources/${id}/rotate`, "Create a new credential"];
  if (!oldest || credentials.length === 1) {
    return (
      <Action shell={shell} to={to}>
        {action}
      </Action>
    );
  }
  return (
    <Confirm shell={shell} id="rotate" to={to} action={action} title={`${action}?`} class="small">
      <p>
        The credential that was created <Time at={oldest.createdAt} now={now} /> stops working at once. It was{" "}
        {oldest.lastUsedAt === null ? (
          "never used"
        ) : (
          <>
            last used <Time at={oldest.lastUsedAt} now={now} />
          </>
        )}
        .
      </p>
    </Confirm>
  );
};
