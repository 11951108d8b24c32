import type { Child } from "hono/jsx";
import { Copyable } from "./copyable.tsx";

type Props = {
  /** What it is, and whom to give it to. */
  title: string;
  /** The secret, or its lines. */
  values: readonly string[];
  children?: Child;
};

/** A secret that is shown this once, for a person to copy. */
export const Secret = ({ title, values, children }: Props) => (
  <div class="secret" role="status">
    <strong>{title} It is not shown again.</strong>
    {values.map((value) => (
      <Copyable key={value} value={value} label={/^([^=]*)=/.exec(value)?.[1] ?? "it"} />
    ))}
    {children}
  </div>
);
