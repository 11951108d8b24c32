export const MAX_PASSWORD_LENGTH = 128;

/** What a new password lacks, in a sentence for the person, or null when it is fine. */
export function findPasswordProblem(password: string): string | null {
  const characters = [...password].length;
  if (characters < 8) return "A password has at least 8 characters.";
  if (characters > MAX_PASSWORD_LENGTH) return `A password has at most ${MAX_PASSWORD_LENGTH} characters.`;
  if (!/\p{Lu}/u.test(password)) return "A password has at least one upper-case letter.";
  if (!/\p{Ll}/u.test(password)) return "A password has at least one lower-case letter.";
  if (!/\p{Nd}/u.test(password)) return "A password has at least one digit.";
  return null;
}
