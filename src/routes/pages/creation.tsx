import type { Child } from "hono/jsx";
import { Icon } from "./icon.tsx";

type Props = {
  /** The words on what opens it. */
  title: string;
  /** Whether it is open already: where there is nothing else yet, or what was typed won't do. */
  open: boolean;
  children?: Child;
};

/** The form that adds something to a list, above it, folded away until it is wanted. It takes no script. */
export const Creation = ({ title, open, children }: Props) => (
  <details class="creation" open={open}>
    <summary class="button">
      <Icon name="plus" />
      {title}
    </summary>
    <div class="section">{children}</div>
  </details>
);
