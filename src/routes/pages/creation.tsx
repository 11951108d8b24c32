import type { Child } from "hono/jsx";
import { Icon } from "./icon.tsx";

type Props = {
  /** The words on the button that opens it. */
  title: string;
  /** Whether it is open from the start, because the list is empty or the form has a problem. */
  open: boolean;
  /** Isn't the page's primary action. */
  plain?: boolean;
  children?: Child;
};

/** The form that adds something to a list. It is above the list, folded until it is wanted, and needs no script. */
export const Creation = ({ title, open, plain = false, children }: Props) => (
  <details class="creation" open={open}>
    <summary class={plain ? "button plain" : "button"}>
      <Icon name="plus" />
      {title}
    </summary>
    <div class="section">{children}</div>
  </details>
);
