import type { Child } from "hono/jsx";
import { Action, type FormShell } from "./form.tsx";

type Props = {
  shell: FormShell;
  /** Where the button leads, under the issuer. */
  to: string;
  fields?: Readonly<Record<string, string>>;
  /** What it undoes. */
  children?: Child;
};

/** Takes back what was just done. */
export const Undo = ({ shell, to, fields = {}, children }: Props) => (
  <div class="note undo">
    <p>{children}</p>
    <Action shell={shell} to={to} fields={fields}>
      Undo
    </Action>
  </div>
);
