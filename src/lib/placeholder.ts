/** A secret that somebody typed or copied from an example protects nothing. */
export const isPlaceholder = (text: string) => isPlaceholderName(text) || new Set(text).size < 12;

/** A word of four letters counts only by itself, since one in 12,000 random keys has it in the middle. */
export const isPlaceholderName = (text: string) =>
  /change.?me|placeholder|example|insert|replace|your[-_ ]|secret|password|(?<![a-z\d])(todo|x{4,})(?![a-z\d])|<.*>/i.test(
    text,
  );
