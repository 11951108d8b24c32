/** Crockford's base 32. It leaves out I, L, O and U, which are mistaken for other characters. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 26;
const GROUP = 5;

/** Makes a recovery code of 130 random bits, in groups that a person can copy by hand. */
export function mintRecoveryCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  const code = Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return code.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? code;
}

/** Normalizes a code that a person typed. Null if it can't be one. */
export function readRecoveryCode(typed: string): string | null {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
  if (plain.length !== LENGTH || [...plain].some((character) => !ALPHABET.includes(character))) return null;
  return plain.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? null;
}
