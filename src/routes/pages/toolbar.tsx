import type { Child } from "hono/jsx";
import type { PageShell } from "./layout.tsx";

type Props = { shell: PageShell; path: string; submit?: string; children?: Child };

/** Search and filters of a list. They are in the address of the page, so that it can be saved and shared. */
export const Toolbar = ({ shell, path, submit = "Search", children }: Props) => (
  <form class="toolbar" method="get" action={shell.issuer + path}>
    {children}
    <button type="submit" class="plain">
      {submit}
    </button>
  </form>
);
