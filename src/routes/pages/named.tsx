import type { Child } from "hono/jsx";
import { Avatar } from "./avatar.tsx";

type Props = {
  name: string;
  /** Where it leads, if it leads anywhere. */
  href?: string;
  shape?: "person" | "thing";
  /** What tells it from others of its name. */
  children?: Child;
};

/** A person, an app or a server in a row of a table: picture, name, and a line below it. */
export const Named = ({ name, href, shape = "thing", children }: Props) => (
  <div class="named">
    <Avatar name={name} shape={shape} />
    <span>
      {href ? (
        <a href={href}>
          <bdi>{name}</bdi>
        </a>
      ) : (
        <bdi>{name}</bdi>
      )}
      {children && <span class="quiet">{children}</span>}
    </span>
  </div>
);
