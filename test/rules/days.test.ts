import { expect, test } from "vitest";
import { startsOfDays } from "../../src/lib/days.ts";

const starts = (now: string, zone: string, length = 3) =>
  startsOfDays(new Date(now), zone, length).map((start) => start.toISOString().slice(0, 16));

test.each([
  ["UTC", "2026-11-26T15:00:00Z", ["2026-11-24T00:00", "2026-11-25T00:00", "2026-11-26T00:00"]],
  ["Europe/Vienna", "2026-11-26T23:30:00Z", ["2026-11-24T23:00", "2026-11-25T23:00", "2026-11-26T23:00"]],
  ["Asia/Kolkata", "2026-11-26T18:29:59Z", ["2026-11-23T18:30", "2026-11-24T18:30", "2026-11-25T18:30"]],
  ["America/Los_Angeles", "2026-11-26T07:59:59Z", ["2026-11-23T08:00", "2026-11-24T08:00", "2026-11-25T08:00"]],
  ["Pacific/Kiritimati", "2026-11-26T10:00:00Z", ["2026-11-24T10:00", "2026-11-25T10:00", "2026-11-26T10:00"]],
])("People: days begin at midnight in %s", (zone, now, expected) => {
  expect(starts(now, zone)).toEqual(expected);
});

test.each([
  ["forward", "Europe/Vienna", "2026-03-30T12:00:00Z", ["2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00"]],
  ["back", "Europe/Vienna", "2026-10-26T12:00:00Z", ["2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00"]],
  [
    "forward at midnight",
    "Africa/Cairo",
    "2026-04-25T12:00:00Z",
    ["2026-04-22T22:00", "2026-04-23T22:00", "2026-04-24T21:00"],
  ],
])("People: a day on which clocks go %s has its true length", (_, zone, now, expected) => {
  expect(starts(now, zone)).toEqual(expected);
});
