import { expect, test } from "vitest";
import { DOCUMENT_LIMITS } from "../../src/flows/client/document.ts";
import { UPSTREAM_LIMITS } from "../../src/flows/provider/upstream.ts";

test("L10 a provider has 8 s to answer, so that there is an answer within the 10 s that clients wait", () => {
  expect(UPSTREAM_LIMITS.timeoutMs).toBe(8000);
});

test("R8 the host of a metadata document has 5 s to answer", () => {
  expect(DOCUMENT_LIMITS.timeoutMs).toBe(5000);
});
