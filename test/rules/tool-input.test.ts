import { describe, expect, test } from "vitest";
import { boundedString, closedEnum, pathSegment } from "../../src/resource-server/input.ts";

const problem =
  (schema: { safeParse(value: unknown): { error?: { issues: { message: string }[] } | undefined } }) =>
  (value: unknown) =>
    schema.safeParse(value).error?.issues[0]?.message ?? null;

describe("boundedString", () => {
  const city = problem(boundedString({ max: 10, pattern: /^[\p{L} ]+$/u, what: "has characters that no city has" }));

  test.each([
    ["Oslo", null],
    ["  Oslo  ", null],
    ["São Paulo", null],
    ["", "is empty"],
    ["   ", "is empty"],
    ["x".repeat(11), "is longer than 10 characters"],
    ["a\nb", "has control characters"],
    ["a\0b", "has control characters"],
    ["a\u202eb", "has control characters"],
    ["a\u200bb", "has control characters"],
    ["Oslo; --", "has characters that no city has"],
    [7, "is not text"],
    [undefined, "is not text"],
  ])("the problem that boundedString finds with %j is %s", (value, expected) => expect(city(value)).toBe(expected));

  test("boundedString returns the text trimmed", () => expect(boundedString({ max: 10 }).parse(" Oslo ")).toBe("Oslo"));
});

test("the error of closedEnum lists the values that are allowed", () => {
  const sky = problem(closedEnum("clear", "rain"));
  expect([sky("clear"), sky("fog"), sky(1)]).toEqual([null, "is not one of clear, rain", "is not one of clear, rain"]);
});

describe("pathSegment", () => {
  const segment = problem(pathSegment());
  test.each(["notes", "notes.txt", "a-b_c.1", "_x", "-"])("%j is a path segment", (value) =>
    expect(segment(value)).toBeNull(),
  );
  test.each([
    "",
    ".",
    "..",
    ".env",
    "a/b",
    "a\\b",
    "../a",
    "a\0",
    "a%2fb",
    "a b",
    "ä",
    "a\n",
    "x".repeat(129),
    1,
    null,
  ])("%j is not a path segment", (value) => expect(segment(value)).not.toBeNull());
});
