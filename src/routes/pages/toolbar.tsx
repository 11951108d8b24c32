import type { Child } from "hono/jsx";
import type { Frame } from "./layout.tsx";

type Props = { frame: Frame; path: string; submit?: string; children?: Child };

/** Search and filters of a list. They are in the address of the page, so that it can be kept and sent. */
export const Toolbar = ({ frame, path, submit = "Search", children }: Props) => (
  <form class="toolbar" method="get" action={frame.issuer + path}>
    {children}
    <button type="submit" class="plain">
      {submit}
    </button>
  </form>
);
