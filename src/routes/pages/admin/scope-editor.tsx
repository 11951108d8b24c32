import type { ResourceScope } from "../../../store/resources.ts";
import { Checkbox, Field } from "../form.tsx";

type Props = {
  scopes: readonly ResourceScope[];
  /** What was typed, if the form is shown again. It has as many rows as it was submitted with. */
  typed: URLSearchParams | null;
};

/** The scopes of a server, one row each. A row without a name is left out. */
export const ScopeEditor = ({ scopes, typed }: Props) => (
  <fieldset class="rows">
    <legend>Scopes</legend>
    {Array.from({ length: typed?.getAll("scope_name").length ?? scopes.length }, (_, row) => (
      <ScopeRow key={row} row={row} scope={scopes[row]} />
    ))}
  </fieldset>
);

const ScopeRow = ({ row, scope }: { row: number; scope: ResourceScope | undefined }) => (
  <fieldset class="scope">
    <legend class="visually-hidden">{`Scope ${row + 1}`}</legend>
    <Field name="scope_name" index={row} label="Name" value={scope?.name} maxlength={128} placeholder="weather:read" />
    <Field
      name="scope_description"
      index={row}
      label="What it lets an app do"
      value={scope?.description}
      maxlength={300}
      placeholder="Read the forecast"
    />
    <Field name="scope_implies" index={row} label="Includes" value={scope?.implies.join(" ")} maxlength={1000} />
    <Checkbox name="scope_default" value={String(row)} checked={scope?.isDefault ?? true}>
      Default
    </Checkbox>
    <button
      type="submit"
      name="remove_scope"
      value={String(row)}
      class="small"
      formnovalidate
      aria-label={`Remove scope ${scope?.name ?? row + 1}`}
    >
      Remove
    </button>
  </fieldset>
);
