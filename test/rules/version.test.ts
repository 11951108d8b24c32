import { expect, test } from "vitest";
import { isNewer, readVersion } from "../../src/lib/version.ts";

test.each([
  ["v1.2.3", "1.2.3"],
  ["0.10.0", "0.10.0"],
])("P5 release %j has version %j", (name, version) => {
  expect(readVersion(name)).toBe(version);
});

test.each([
  "",
  "1.2",
  "v1.2.3-rc.1",
  "1.2.3.4",
  "1.2.3\n",
  "<b>1.2.3</b>",
  "123456.0.0",
  1.2,
  null,
  undefined,
  [["1.2.3"]],
])("P5 %j is not a version", (name) => {
  expect(readVersion(name)).toBeNull();
});

test.each([
  ["0.2.0", "0.1.9", true],
  ["0.10.0", "0.9.0", true],
  ["1.0.0", "0.99.99", true],
  ["0.1.0", "0.1.0", false],
  ["0.1.9", "0.2.0", false],
  ["1.0.0", "1.0.1", false],
])("P5 whether %s comes after %s is %s", (version, than, newer) => {
  expect(isNewer(version, than)).toBe(newer);
});
