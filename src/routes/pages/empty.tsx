import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

/** Stands in for an empty list. It says what belongs there, and what to do first. */
export const Empty = ({ icon, children }: { icon: IconName; children?: Child }) => (
  <div class="empty">
    <Icon name={icon} />
    <p>{children}</p>
  </div>
);
