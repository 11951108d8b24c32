import type { Child } from "hono/jsx";

type Props = {
  title?: string;
  /** What it is about, in a sentence. */
  lead?: Child;
  /** Holds what can't be undone. */
  danger?: boolean;
  /** The id of its heading, for what is labelled by it. */
  id?: string;
  children?: Child;
};

/** A part of a page on a card of its own. */
export const Section = ({ title, lead, danger = false, id, children }: Props) => (
  <section class={danger ? "section danger" : "section"}>
    {title && (
      <header>
        <h2 {...(id ? { id } : {})}>{title}</h2>
        {lead && <p>{lead}</p>}
      </header>
    )}
    {children}
  </section>
);
