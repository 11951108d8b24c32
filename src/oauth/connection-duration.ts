const HOUR = 60 * 60;
const SHORTER = [30 * 24 * HOUR, 24 * HOUR, HOUR];

/** What a person chose of that; as long as it can be where nothing was said, and null for what was not offered. */
export const chooseDuration = (choices: readonly number[], chosen: number | null): number | null =>
  chosen === null ? (choices[0] ?? null) : (choices.find((seconds) => seconds === chosen) ?? null);

/** How long a person may let a connection last, in seconds: as long as it can be, and what is shorter. */
export const durationChoices = (serverSeconds: number, resourceSeconds: number | null): number[] => {
  const longest = Math.min(serverSeconds, resourceSeconds ?? serverSeconds);
  return [longest, ...SHORTER.filter((seconds) => seconds < longest)];
};
