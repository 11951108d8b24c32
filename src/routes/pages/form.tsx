import { type Child, createContext, useContext } from "hono/jsx";
import type { RefusedForm } from "../fields.ts";
import type { PageShell } from "./layout.tsx";

/** The shell of a page that has forms. */
export type FormShell = PageShell & { readonly csrf: string };

/** Tells the fields of a refused form what was typed, and which of them has the problem. */
const RefusedContext = createContext<RefusedForm | null>(null);

type FormProps = {
  shell: FormShell;
  /** Where it is sent, under the issuer. */
  to: string;
  /**
   * The problem with the last submission, if the form is shown again. The field that it names has to be one of the form's,
   * or the browser has nothing to scroll to.
   */
  refused?: RefusedForm | null;
  /** Hidden values, beside what a person fills in. */
  fields?: Readonly<Record<string, string>>;
  class?: string;
  /** What our scripts look for. */
  data?: Readonly<Record<`data-${string}`, string>>;
  children?: Child;
};

/**
 * Every form of ours. It carries the CSRF token. If it is shown again, the browser scrolls to the problem, or to the field
 * that has it, which gets the focus.
 */
export const Form = ({ shell, to, refused, fields = {}, data = {}, children, ...props }: FormProps) => (
  <RefusedContext.Provider value={refused ?? null}>
    <form method="post" action={`${shell.issuer}${to}${refused === undefined ? "" : "#problem"}`} {...props} {...data}>
      <Hidden fields={{ csrf: shell.csrf, ...fields }} />
      <Problem text={refused?.problem ?? null} ofField={typeof refused?.field === "string"} />
      {children}
    </form>
  </RefusedContext.Provider>
);

/** The hidden fields of a form. */
export const Hidden = ({ fields }: { fields: Readonly<Record<string, string>> }) => (
  <>
    {Object.entries(fields).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
  </>
);

type ProblemProps = {
  text: string | null;
  /** Whether it also stands beside its field. A browser gives no field the focus if it has something to scroll to. */
  ofField?: boolean;
};

/** The sentence about the problem, above the fields. */
export const Problem = ({ text, ofField = false }: ProblemProps) =>
  text === null ? null : (
    <p class="error" role="alert" {...(ofField ? {} : { id: "problem" })}>
      {text}
    </p>
  );

/** The sentence about a field's problem, and the attributes that connect the field with it and give it the focus. */
const explain = (id: string, problem: string | null) => ({
  sentence: problem !== null && (
    <p class="wrong" id={`${id}-problem`}>
      {problem}
    </p>
  ),
  attributes: problem === null ? {} : { "aria-invalid": "true", "aria-describedby": `${id}-problem`, autofocus: true },
});

/** The problem that a refused form has with a field. */
const problemWith = (refused: RefusedForm | null, name: string, row = 0): string | null =>
  refused?.field === name && (refused.row ?? 0) === row ? refused.problem : null;

type FieldProps = {
  name: string;
  label: string;
  value?: string | undefined;
  /** Says more about what belongs into it. */
  hint?: string;
  type?: "text" | "email" | "number" | "password" | "search" | "url";
  required?: boolean;
  /** For a number: `any` allows fractions. */
  step?: "any";
  minlength?: number;
  maxlength?: number;
  placeholder?: string;
  autocomplete?: string;
  autocapitalize?: "characters" | "off";
  spellcheck?: boolean;
  autofocus?: boolean;
  /** Its problem, if no form around it says so. */
  problem?: string | null;
  /** Whether it may have the problem that stands above the form. */
  invalid?: boolean;
  /** Tells fields with the same name apart. */
  index?: number;
  /** Whether it holds a code that is typed or compared letter by letter. */
  isCode?: boolean;
  /** Its id, if another form of the page has a field of this name. */
  id?: string;
};

/** A field with its label. In a form that is shown again, it holds what was typed. */
export const Field = ({
  name,
  label,
  value = "",
  type = "text",
  index = 0,
  problem = null,
  invalid = false,
  hint,
  id = index === 0 ? name : `${name}-${index}`,
  isCode = false,
  ...rest
}: FieldProps) => {
  const refused = useContext(RefusedContext);
  const { sentence, attributes } = explain(id, problem ?? problemWith(refused, name, index));
  return (
    <div>
      <label for={id}>{label}</label>
      {sentence}
      <input
        id={id}
        name={name}
        type={type}
        value={type === "password" ? "" : (refused?.typed.getAll(name)[index] ?? value)}
        {...rest}
        {...(isCode ? { class: "code" } : {})}
        {...(invalid ? { "aria-invalid": "true", "aria-describedby": "problem" } : attributes)}
      />
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
};

type TextAreaProps = { name: string; label: string; hint: string; placeholder?: string };

/** A field for several lines, with its label. */
export const TextArea = ({ name, label, hint, ...rest }: TextAreaProps) => {
  const refused = useContext(RefusedContext);
  const { sentence, attributes } = explain(name, problemWith(refused, name));
  return (
    <div>
      <label for={name}>{label}</label>
      {sentence}
      <textarea id={name} name={name} {...rest} {...attributes}>
        {refused?.typed.get(name)}
      </textarea>
      <p class="hint">{hint}</p>
    </div>
  );
};

type SelectProps = {
  name: string;
  label: string;
  value?: string;
  /** Says more about what is chosen. */
  hint?: string;
  /** Each value with its words. */
  options: readonly (readonly [value: string, words: string])[];
};

/** A choice of one value, with its label. */
export const Select = ({ name, label, value, hint, options }: SelectProps) => {
  const refused = useContext(RefusedContext);
  const chosen = refused?.typed.get(name) ?? value;
  const { sentence, attributes } = explain(name, problemWith(refused, name));
  return (
    <div>
      <label for={name}>{label}</label>
      {sentence}
      <select id={name} name={name} {...attributes}>
        {options.map(([each, words]) => (
          <option key={each} value={each} selected={each === chosen}>
            {words}
          </option>
        ))}
      </select>
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
};

type CheckboxProps = { name: string; value?: string; checked: boolean; children?: Child };

/** A checkbox with its label. In a form that is shown again, it keeps its state. */
export const Checkbox = ({ name, value = "on", checked, children }: CheckboxProps) => {
  const refused = useContext(RefusedContext);
  return (
    <label>
      <input
        type="checkbox"
        name={name}
        value={value}
        checked={refused ? refused.typed.getAll(name).includes(value) : checked}
      />
      {children}
    </label>
  );
};

/** A field for a new password. */
export const NewPasswordField = (props: Pick<FieldProps, "label" | "problem">) => (
  <Field
    name="password"
    type="password"
    autocomplete="new-password"
    required
    minlength={8}
    maxlength={128}
    {...props}
  />
);

type ActionProps = {
  shell: FormShell;
  to: string;
  fields?: Readonly<Record<string, string>>;
  class?: string;
  /** The button's label for screen readers, if its words alone don't say what it is about. */
  label?: string;
  children?: Child;
};

/** A button that does one thing. */
export const Action = ({ shell, to, fields = {}, label, children, ...props }: ActionProps) => (
  <Form class="inline" shell={shell} to={to} fields={fields}>
    <button type="submit" class={props.class ?? "small"} {...(label ? { "aria-label": label } : {})}>
      {children}
    </button>
  </Form>
);
