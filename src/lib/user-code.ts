/** It has no vowels, so that codes don't spell words, and no digits, which are mistaken for letters (RFC 8628 §6.1). */
const ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;

/**
 * Makes a code that a person types: `XXXX-XXXX`, 34.5 random bits. It is good for minutes, and wrong guesses are
 * counted.
 */
export function mintUserCode(): string {
  const letters: string[] = [];
  // Bytes from 240 on would make the first letters likelier.
  while (letters.length < LENGTH)
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH)))
      if (byte < 240 && letters.length < LENGTH) letters.push(ALPHABET[byte % ALPHABET.length] ?? "");
  return formatUserCode(letters.join(""));
}

/** Normalizes a code that a person typed, in any case and with any punctuation. Null if it can't be one. */
export function readUserCode(typed: string): string | null {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return letters.length === LENGTH && [...letters].every((letter) => ALPHABET.includes(letter))
    ? formatUserCode(letters)
    : null;
}

const formatUserCode = (letters: string): string => `${letters.slice(0, 4)}-${letters.slice(4)}`;
