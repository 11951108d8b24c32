import { expect, test } from "vitest";
import { UPSTREAM_LIMITS } from "../../src/flows/provider/upstream.ts";

test("L10 a provider has 8 s to answer, so that there is an answer within the 10 s that clients wait", () => {
  expect(UPSTREAM_LIMITS.timeoutMs).toBe(8000);
});
