/** A secret that somebody typed or copied from an example protects nothing. */
export const isPlaceholder = (text: string) => isPlaceholderName(text) || new Set(text).size < 12;

/** Four letters count only by themselves, since one in 12,000 random keys has them in the middle. */
export const isPlaceholderName = (text: string) =>
  /change.?me|placeholder|example|insert|replace|your[-_ ]|secret|password|x{6}|<.*>/i.test(text) ||
  /(?<![a-z\d])(todo|x{4,5})(?![a-z\d])/i.test(text);
