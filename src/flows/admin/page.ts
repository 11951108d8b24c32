/**
 * A part of a list, and the key after which the next part begins. Null if there is none. A part may be empty without
 * being the last.
 */
export type PageOf<T> = { readonly items: readonly T[]; readonly next: string | null };

/**
 * Makes a page of at most `limit` from one row more than that, or from fewer rows and the key where the search stopped.
 */
export function toPage<T>(
  { rows, walkedTo }: { readonly rows: readonly T[]; readonly walkedTo: string | null },
  limit: number,
  cursorOf: (row: T) => string,
): PageOf<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : walkedTo };
}
