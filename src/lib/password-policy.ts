export const MAX_PASSWORD_LENGTH = 128;

/** From this length on, length alone is enough: four words are better than `Passw0rd`. */
const LONG_ENOUGH = 16;

const CLASSES = [
  [/\p{Lu}/u, "an upper-case letter"],
  [/\p{Ll}/u, "a lower-case letter"],
  [/\p{Nd}/u, "a digit"],
] as const;

/** What a new password lacks, in a sentence for the person, or null if it is fine. */
export function findPasswordProblem(password: string): string | null {
  const characters = [...password].length;
  if (characters > MAX_PASSWORD_LENGTH) return `A password can have at most ${MAX_PASSWORD_LENGTH} characters.`;
  // Holding down one key also makes a long password.
  if (characters >= LONG_ENOUGH && new Set(password).size > 4) return null;
  const lacking = [
    ...(characters < 8 ? ["8 characters"] : []),
    ...CLASSES.filter(([pattern]) => !pattern.test(password)).map(([, name]) => name),
  ];
  if (lacking.length === 0) return null;
  const list = lacking.length === 1 ? lacking[0] : `${lacking.slice(0, -1).join(", ")} and ${lacking.at(-1)}`;
  return `A password needs at least ${list}, or ${LONG_ENOUGH} characters that aren't all the same.`;
}
