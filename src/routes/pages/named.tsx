import type { Child } from "hono/jsx";
import { Avatar } from "./avatar.tsx";

type Props = {
  name: string;
  /** The address that it links to, if any. */
  href?: string;
  shape?: "person" | "thing";
  /** What tells it from others of the same name. */
  children?: Child;
};

/** A person, an app or a server in a table row: picture, name, and a line below. */
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
