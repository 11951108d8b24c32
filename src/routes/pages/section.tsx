import type { Child } from "hono/jsx";

type Props = {
  title?: string;
  /** A sentence about what the section is for. */
  lead?: Child;
  /** Holds actions that can't be undone. */
  danger?: boolean;
  /** The id of its heading, for elements that it labels. */
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
