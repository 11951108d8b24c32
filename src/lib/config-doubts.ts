type Misspelt = { readonly name: string; readonly meant: string };

/** Unknown names that look like a known one. Other unknown names are none of our business. */
export const findMisspelt = (names: readonly string[], known: readonly string[]): Misspelt[] =>
  names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = known.find((other) => editDistance(name.toUpperCase(), other) <= (other.length > 7 ? 2 : 1));
      return meant === undefined ? [] : [{ name, meant }];
    });

export const sayMisspelt = ({ name, meant }: Misspelt): string => `${name} isn't a variable (did you mean ${meant}?)`;

/** How many letters have to be added, removed or changed to turn one word into another (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [column, wanted] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A connection ends with its family, however long its tokens were meant to last. */
export function findDoubts(values: Readonly<Record<string, unknown>>): string[] {
  const within = (name: string, bound: string) =>
    Number(values[name]) > Number(values[bound]) ? [`${name} is longer than ${bound}, which ends first`] : [];
  return [
    ...within("ACCESS_TOKEN_SECONDS", "FAMILY_SECONDS"),
    ...within("REFRESH_TOKEN_SECONDS", "FAMILY_SECONDS"),
    ...within("SESSION_IDLE_SECONDS", "SESSION_SECONDS"),
  ];
}
