import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

type Props = { tone?: "info" | "good" | "warn" | "bad"; icon?: IconName; children?: Child };

/** A few words about the state of something. Its colour only emphasizes them. */
export const Badge = ({ tone, icon, children }: Props) => (
  <span class={tone ? `badge ${tone}` : "badge"}>
    {icon && <Icon name={icon} />}
    {children}
  </span>
);
