const HOUR = 60 * 60;
const SHORTER = [30 * 24 * HOUR, 24 * HOUR, HOUR];

const USUAL = 30 * 24 * HOUR;

/** The duration selected before a person chooses: a month, or the longest allowed if that is less. */
export const defaultDuration = (choices: readonly number[]): number | null =>
  choices.find((seconds) => seconds <= USUAL) ?? choices.at(-1) ?? null;

/** The duration that a person chose. The default if they chose none, and null if it wasn't offered. */
export const chooseDuration = (choices: readonly number[], chosen: number | null): number | null =>
  chosen === null ? defaultDuration(choices) : (choices.find((seconds) => seconds === chosen) ?? null);

/** How long a person may let a connection last, in seconds: the longest allowed, and what is shorter. */
export const durationChoices = (serverSeconds: number, resourceSeconds: number | null): number[] => {
  const longest = Math.min(serverSeconds, resourceSeconds ?? serverSeconds);
  return [longest, ...SHORTER.filter((seconds) => seconds < longest)];
};
