import { type Child, createContext, useContext } from "hono/jsx";
import type { RefusedForm } from "../fields.ts";
import type { PageShell } from "./layout.tsx";

/** The shell of a page that has forms. */
export type FormShell = PageShell & { readonly csrf: string };

/** Tells the fields of a form that was refused what was typed, and which of them won't do. */
const RefusedContext = createContext<RefusedForm | null>(null);

type FormProps = {
  shell: FormShell;
  /** Where it is sent, under the issuer. */
  to: string;
  /** What was wrong with it the last time, for a form that is shown again. */
  refused?: RefusedForm | null;
  /** What it carries beside what a person fills in. */
  fields?: Readonly<Record<string, string>>;
  children?: Child;
};

/** A form of ours. It carries the CSRF token; where it is shown again, the browser goes to the problem. */
export const Form = ({ shell, to, refused, fields = {}, children }: FormProps) => (
  <RefusedContext.Provider value={refused ?? null}>
    <form method="post" action={`${shell.issuer}${to}${refused === undefined ? "" : "#problem"}`}>
      <Hidden fields={{ csrf: shell.csrf, ...fields }} />
      <Problem text={refused?.problem ?? null} />
      {children}
    </form>
  </RefusedContext.Provider>
);

/** What a form carries unseen. */
export const Hidden = ({ fields }: { fields: Readonly<Record<string, string>> }) => (
  <>
    {Object.entries(fields).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
  </>
);

/** The sentence that says what is wrong. */
export const Problem = ({ text }: { text: string | null }) =>
  text === null ? null : (
    <p class="error" id="problem" role="alert">
      {text}
    </p>
  );

/** What connects a field with the sentence that says what is wrong with it. */
const describedByProblem = (hasProblem: boolean) =>
  hasProblem ? { "aria-invalid": "true", "aria-describedby": "problem" } : {};

type FieldProps = {
  name: string;
  label: string;
  value?: string | undefined;
  /** Says more about what belongs in it. */
  hint?: string;
  type?: "text" | "email" | "number" | "password" | "search" | "url";
  required?: boolean;
  /** Of a number: `any` takes fractions. */
  step?: "any";
  minlength?: number;
  maxlength?: number;
  placeholder?: string;
  autocomplete?: string;
  autocapitalize?: "characters" | "off";
  spellcheck?: boolean;
  autofocus?: boolean;
  /** Says that it won't do, where no form is shown again that would. */
  invalid?: boolean;
  /** Which one it is, where several fields have one name. */
  index?: number;
  /** Its id, where another form of the page has a field of this name. */
  id?: string;
};

/** A field with its label. In a form that is shown again it holds what was typed. */
export const Field = ({
  name,
  label,
  value = "",
  type = "text",
  index = 0,
  invalid = false,
  hint,
  id = index === 0 ? name : `${name}-${index}`,
  ...rest
}: FieldProps) => {
  const refused = useContext(RefusedContext);
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        value={type === "password" ? "" : (refused?.typed.getAll(name)[index] ?? value)}
        {...rest}
        {...describedByProblem(invalid || refused?.field === name)}
      />
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
};

type TextAreaProps = { name: string; label: string; hint: string; placeholder?: string };

/** Room for several lines, with its label. */
export const TextArea = ({ name, label, hint, ...rest }: TextAreaProps) => {
  const refused = useContext(RefusedContext);
  return (
    <div>
      <label for={name}>{label}</label>
      <textarea id={name} name={name} {...rest} {...describedByProblem(refused?.field === name)}>
        {refused?.typed.get(name) ?? ""}
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
  /** Each value with the words for it. */
  options: readonly (readonly [value: string, words: string])[];
};

/** A choice of one, with its label. */
export const Select = ({ name, label, value, hint, options }: SelectProps) => {
  const chosen = useContext(RefusedContext)?.typed.get(name) ?? value;
  return (
    <div>
      <label for={name}>{label}</label>
      <select id={name} name={name}>
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

/** A box to tick, with its label. In a form that is shown again it is as it was left. */
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

/** A password that is being chosen. */
export const NewPasswordField = ({ label, hasProblem }: { label: string; hasProblem: boolean }) => (
  <>
    <label for="password">{label}</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="new-password"
      required
      minlength={8}
      maxlength={128}
      {...describedByProblem(hasProblem)}
    />
  </>
);

type ActionProps = {
  shell: FormShell;
  to: string;
  fields?: Readonly<Record<string, string>>;
  class?: string;
  /** What a screen reader says, where the words alone don't tell which one. */
  label?: string;
  children?: Child;
};

/** A button that does one thing. */
export const Action = ({ shell, to, fields = {}, label, children, ...props }: ActionProps) => (
  <form class="inline" method="post" action={shell.issuer + to}>
    <Hidden fields={{ csrf: shell.csrf, ...fields }} />
    <button type="submit" class={props.class ?? "small"} {...(label ? { "aria-label": label } : {})}>
      {children}
    </button>
  </form>
);
