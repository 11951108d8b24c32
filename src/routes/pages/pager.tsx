import type { PageShell } from "./layout.tsx";

type Query = Readonly<Record<string, string>>;

type Props = {
  shell: PageShell;
  /** The path of the list under the issuer. */
  path: string;
  /** Its search and filters. */
  query: Query;
  /** The additional parameters of the next part of the list, or null if this is the last. */
  next: Query | null;
  /** The same for the previous part, with its link's words, if the list can be read backwards. */
  previous?: { readonly query: Query; readonly title: string } | null;
  /** The number of this part, from 1, and how much is in it ("50 apps"). */
  page: number;
  shown: string;
  children: string;
};

/** Says which part of a list this is, and links to the next, the previous and the first. */
export const Pager = ({ shell, path, query, next, previous, page, shown, children }: Props) => {
  const to = (more: Query) => hrefOf(shell, path, { ...query, ...more });
  if (page === 1 && !next && !previous) return <p class="pager">{shown}</p>;
  return (
    <nav class="pager" aria-label="Parts of this list">
      <span>
        Page {page}: {shown}
      </span>
      <span class="buttons">
        {page > (previous ? 2 : 1) && (
          <a class="button small" href={to({})}>
            First page
          </a>
        )}
        {previous && (
          <a class="button small" href={to(page > 2 ? { ...previous.query, page: String(page - 1) } : {})}>
            {previous.title}
          </a>
        )}
        {next && (
          <a class="button small" href={to({ ...next, page: String(page + 1) })}>
            {children}
          </a>
        )}
      </span>
    </nav>
  );
};

/** The address of one of our pages with a query. */
export const hrefOf = (shell: PageShell, path: string, query: Query): string =>
  `${shell.issuer}${path}?${queryOf(query)}`.replace(/\?$/, "");

/** A query without its empty parameters. */
export const queryOf = (parameters: Query): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ""));

/**
 * The sentence for a list that shows nothing. It may still go on, since one page only looks at a part of a long list.
 */
export const nothingFound = (nothing: string, next: unknown): string =>
  next === null ? nothing : "Nothing in this part of the list. The list continues on the next page.";

/** "1 app", "12 apps". */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
