type Props = { name: string; shape?: "person" | "thing"; large?: boolean };

const HUES = 6;

/** The initials of a person, an app or a server on a colour that always stays the same. The name stands beside it. */
export const Avatar = ({ name, shape = "thing", large = false }: Props) => (
  <span class={`avatar ${shape}${large ? " large" : ""} hue-${hueOf(name)}`} aria-hidden="true">
    {initialsOf(shape === "person" ? name.replace(/@.*/, "") : name)}
  </span>
);

/** The first letters of the first two words, in any script. */
function initialsOf(name: string): string {
  const words = name.normalize("NFC").match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = words.slice(0, 2).flatMap((word) => [...word].slice(0, 1));
  return letters.join("").toLocaleUpperCase("en") || "·";
}

const hueOf = (name: string): number =>
  [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % HUES;
