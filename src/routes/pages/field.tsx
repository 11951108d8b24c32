type Props = {
  name: string;
  label: string;
  value?: string | undefined;
  type?: "text" | "email" | "number" | "search" | "url";
  required?: boolean;
  maxlength?: number;
  placeholder?: string;
  /** The id of what says why the value won't do. */
  problem?: string | undefined;
};

/** A labelled field. */
export const Field = ({ name, label, value, type = "text", problem, ...rest }: Props) => (
  <div>
    <label for={name}>{label}</label>
    <input
      id={name}
      name={name}
      type={type}
      value={value ?? ""}
      {...rest}
      {...(problem ? { "aria-invalid": "true", "aria-describedby": problem } : {})}
    />
  </div>
);

/** What a form said that won't do. */
export const Problem = ({ text }: { text: string | null }) =>
  text === null ? null : (
    <p class="error" id="problem" role="alert">
      {text}
    </p>
  );

/** A password that is being chosen; `id="problem"` says why the last one won't do. */
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
      {...(hasProblem ? { "aria-invalid": "true", "aria-describedby": "problem" } : {})}
    />
  </>
);
