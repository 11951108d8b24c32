import type { ResourceDetails } from "../../../store/resource-listing.ts";
import type { ResourceScope } from "../../../store/resources.ts";
import type { RefusedForm } from "../../fields.ts";
import { Action, Checkbox, Field, Form } from "../form.tsx";
import { Panel, type PanelFrame } from "../panel.tsx";
import { Time } from "../time.tsx";
import { countConnections } from "./clients.tsx";
import { CredentialNote, type ShownCredential } from "./resources.tsx";

type Props = {
  frame: PanelFrame;
  now: Date;
  resource: ResourceDetails;
  made: ShownCredential | null;
  refused: RefusedForm | null;
};

const DAY = 24 * 60 * 60;
const BLANK_ROWS = 2;

/** One MCP server: what it is called, what it offers, and what it introspects with. */
export const ResourcePage = ({ frame, now, resource, made, refused }: Props) => (
  <Panel frame={frame} title={resource.name}>
    {made && <CredentialNote resource={made} />}
    <dl class="facts">
      <dt>URL</dt>
      <dd>
        <code>{resource.uri}</code>
      </dd>
      <dt>Id</dt>
      <dd>
        <code>{resource.id}</code>
      </dd>
      <dt>In use</dt>
      <dd>{countConnections(resource.liveFamilies)}</dd>
    </dl>
    <h2>Introspection credential</h2>
    <ul>
      {resource.credentials.map((madeAt) => (
        <li key={madeAt}>
          one made <Time at={madeAt} now={now} />
        </li>
      ))}
    </ul>
    <p class="quiet">
      A new one works beside the last, so that the server can be changed over without a gap. The one before that ends.
    </p>
    <Action frame={frame} to={`/admin/resources/${resource.id}/rotate`}>
      Make a new one
    </Action>
    <h2>What it is and offers</h2>
    <Form frame={frame} to={`/admin/resources/${resource.id}`} refused={refused}>
      <div class="fields">
        <Field name="name" label="Name" value={resource.name} required maxlength={200} />
        <Field
          name="max_days"
          label="Longest connection, in days (empty: no limit of its own)"
          type="number"
          value={resource.maxFamilySeconds === null ? "" : String(resource.maxFamilySeconds / DAY)}
        />
      </div>
      <Checkbox name="default" checked={resource.isDefault}>
        Apps that name no server get this one
      </Checkbox>
      <h3>Scopes</h3>
      <p class="quiet">
        The sentence is what people read when an app asks. An empty name takes a scope out of the offer; what was
        granted stays granted.
      </p>
      {Array.from({ length: rowCount(resource, refused) }, (_, row) => (
        <ScopeFields key={row} row={row} scope={resource.scopes[row]} />
      ))}
      <button type="submit" class="small">
        Save
      </button>
    </Form>
  </Panel>
);

/** A form that is shown again has as many rows as it was sent with. */
const rowCount = ({ scopes }: ResourceDetails, refused: RefusedForm | null): number =>
  refused?.typed.getAll("scope_name").length ?? scopes.length + BLANK_ROWS;

const ScopeFields = ({ row, scope }: { row: number; scope: ResourceScope | undefined }) => (
  <fieldset class="scope">
    <legend>{scope?.name ?? "A new scope"}</legend>
    <div class="fields">
      <Field name="scope_name" index={row} label="Name" value={scope?.name} maxlength={128} />
      <Field name="scope_description" index={row} label="Sentence" value={scope?.description} maxlength={300} />
      <Field
        name="scope_implies"
        index={row}
        label="Includes (names)"
        value={scope?.implies.join(" ")}
        maxlength={1000}
      />
    </div>
    <Checkbox name="scope_default" value={String(row)} checked={scope?.isDefault ?? true}>
      Asked for by apps that name no scope
    </Checkbox>
  </fieldset>
);
