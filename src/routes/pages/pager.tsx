import type { Frame } from "./layout.tsx";

type Props = {
  frame: Frame;
  /** The path of the list under the issuer. */
  path: string;
  /** The parameters of the next part of the list, or null where this is the last. Empty ones are left out. */
  next: Readonly<Record<string, string>> | null;
  children: string;
};

/** Leads to the next part of a list. */
export const Pager = ({ frame, path, next, children }: Props) =>
  next && (
    <p>
      <a href={`${frame.issuer}${path}?${queryOf(next)}`}>{children}</a>
    </p>
  );

/** A query without its empty parameters. */
export const queryOf = (parameters: Readonly<Record<string, string>>): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ""));

/** What a list says that shows nothing: it may go on, since a page of a long one shows what a part of it has. */
export const nothingFound = (nothing: string, next: unknown): string =>
  next === null ? nothing : "Nothing in this part of the list. It goes on:";
