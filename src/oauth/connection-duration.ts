const HOUR = 60 * 60;
const SHORTER = [30 * 24 * HOUR, 24 * HOUR, HOUR];

const USUAL = 30 * 24 * HOUR;

/** What stands selected where a person has not chosen yet: a month, or the longest if that is less. */
export const defaultDuration = (choices: readonly number[]): number | null =>
  choices.find((seconds) => seconds <= USUAL) ?? choices.at(-1) ?? null;

/** What a person chose of that; the default where nothing was said, and null for what was not offered. */
export const chooseDuration = (choices: readonly number[], chosen: number | null): number | null =>
  chosen === null ? defaultDuration(choices) : (choices.find((seconds) => seconds === chosen) ?? null);

/** How long a person may let a connection last, in seconds: as long as it can be, and what is shorter. */
export const durationChoices = (serverSeconds: number, resourceSeconds: number | null): number[] => {
  const longest = Math.min(serverSeconds, resourceSeconds ?? serverSeconds);
  return [longest, ...SHORTER.filter((seconds) => seconds < longest)];
};
