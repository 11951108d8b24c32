const HOUR = 60 * 60;
const SHORTER = [30 * 24 * HOUR, 24 * HOUR, HOUR];

/** How long a person may let a connection last, in seconds: as long as it can be, and what is shorter. */
export const durationChoices = (serverSeconds: number, resourceSeconds: number | null): number[] => {
  const longest = Math.min(serverSeconds, resourceSeconds ?? serverSeconds);
  return [longest, ...SHORTER.filter((seconds) => seconds < longest)];
};
