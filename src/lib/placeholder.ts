/** A secret that somebody typed or copied from an example protects nothing. */
export const isPlaceholder = (text: string) => isPlaceholderName(text) || new Set(text).size < 12;

export const isPlaceholderName = (text: string) =>
  /change.?me|placeholder|example|insert|replace|your[-_ ]|secret|password|todo|x{4}|<.*>/i.test(text);
