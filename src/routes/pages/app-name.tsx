/** What an app calls itself, cut if it could be a sentence. Its spaces can't push anything out of sight either. */
export function shortName(name: string): string {
  const letters = [...name.replaceAll(/[\p{Zs}\s]+/gu, " ")];
  return letters.length <= MAX_LENGTH ? letters.join("") : `${letters.slice(0, MAX_LENGTH - 1).join("")}…`;
}

const MAX_LENGTH = 60;

/** The name of an app where a person decides about it. It is set apart, since a stranger may have chosen it. */
export const AppName = ({ name }: { name: string }) => <bdi class="app-name">{shortName(name)}</bdi>;
