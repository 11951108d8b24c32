import { InvalidArgumentError } from "commander";

/** An option that can be repeated. */
export const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

/** An option that takes a whole number. */
export function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
}
