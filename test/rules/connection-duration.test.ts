import fc from "fast-check";
import { expect, test } from "vitest";
import { durationChoices } from "../../src/oauth/connection-duration.ts";

const DAY = 24 * 60 * 60;

test("the first choice is the longest that server and resource both allow, and shorter ones follow", () => {
  expect(durationChoices(365 * DAY, null)).toEqual([365 * DAY, 30 * DAY, DAY, 3600]);
  expect(durationChoices(365 * DAY, 7 * DAY)).toEqual([7 * DAY, DAY, 3600]);
  expect(durationChoices(600, 7 * DAY)).toEqual([600]);
});

test("no choice is longer than server or resource allows, and none appears twice", () => {
  const seconds = fc.integer({ min: 1, max: 10 * 365 * DAY });
  fc.assert(
    fc.property(seconds, fc.option(seconds), (server, resource) => {
      const choices = durationChoices(server, resource);
      expect(Math.max(...choices)).toBe(Math.min(server, resource ?? server));
      expect(new Set(choices).size).toBe(choices.length);
    }),
  );
});
