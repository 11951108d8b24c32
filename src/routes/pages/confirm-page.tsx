import type { Child } from "hono/jsx";
import { Form } from "./form.tsx";
import { Panel, type PanelShell } from "./panel.tsx";
import { Section } from "./section.tsx";

type Props = {
  shell: PanelShell;
  /** The question. */
  title: string;
  /** The list that it is about, to which Cancel leads back. */
  back: { readonly path: string; readonly name: string };
  /** Where the answer is sent, under the issuer. */
  to: string;
  fields: Readonly<Record<string, string>>;
  /** The ids of several things that it is about. */
  ids?: readonly string[];
  /** The words on the button. */
  action: string;
  /** What will happen. */
  children?: Child;
};

/**
 * Asks before something that can't be undone, like `Confirm`, but on a page of its own: for a list in which each row
 * would have its question, or if only the server can say what will happen.
 */
export const ConfirmPage = ({ shell, title, back, to, fields, ids = [], action, children }: Props) => (
  <Panel shell={shell} title={title} back={back}>
    <Section title="What will happen" danger>
      {children}
      <Form shell={shell} to={to} fields={fields}>
        {ids.map((id) => (
          <input key={id} type="hidden" name="id" value={id} />
        ))}
        <div class="buttons">
          <button type="submit" class="destroy">
            {action}
          </button>
          <a class="button plain" href={shell.issuer + back.path}>
            Cancel
          </a>
        </div>
      </Form>
    </Section>
  </Panel>
);
