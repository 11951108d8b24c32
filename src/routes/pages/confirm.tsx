import type { Child } from "hono/jsx";
import { Form, type FormShell } from "./form.tsx";

type Props = {
  shell: FormShell;
  /** Identifies the question on this page. */
  id: string;
  /** Where the answer is sent, under the issuer. */
  to: string;
  fields?: Readonly<Record<string, string>>;
  /** The words on the button that asks, and on the one that acts. */
  action: string;
  /** The label of the button that asks for screen readers, if its words alone don't say what it is about. */
  label?: string;
  /** The question. */
  title: string;
  class?: string;
  /** What will happen. */
  children?: Child;
};

/** A button for something that can't be undone. It asks first, in a native popover that needs no script. */
export const Confirm = ({ shell, id, to, fields = {}, action, label, title, children, ...props }: Props) => (
  <>
    <button
      type="button"
      class={props.class ?? "small danger"}
      popovertarget={id}
      {...(label ? { "aria-label": label } : {})}
    >
      {action}
    </button>
    <div class="confirm" id={id} popover="auto" role="dialog" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <div>{children}</div>
      <Form shell={shell} to={to} fields={fields}>
        <div class="buttons">
          <button type="submit" class="destroy">
            {action}
          </button>
          <button type="button" class="plain" popovertarget={id} popovertargetaction="hide">
            Cancel
          </button>
        </div>
      </Form>
    </div>
  </>
);
