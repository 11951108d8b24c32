import { expect, test } from "vitest";
import { examine, found } from "../support/doctor.ts";
import { METADATA_FAULTS } from "../support/model-server/metadata-faults.ts";
import { startModelServer } from "../support/model-server/model-server.ts";
import { REQUEST_FAULTS } from "../support/model-server/request-faults.ts";

test("D2 the doctor finds nothing wrong with a server that does everything right", async () => {
  const server = await startModelServer();
  const report = await examine(server.mcp).finally(server.stop);
  expect(report.findings.filter(({ outcome }) => outcome !== "pass")).toEqual([]);
  const outcomes = report.clients.map(({ outcome, because }) => because ?? outcome);
  const local = "its servers can't reach this machine, but nothing else stops it";
  expect(outcomes).toEqual([local, "connects", local, "connects", "connects", "connects", "connects", "connects"]);
});

test("D2 the doctor finds nothing wrong with a server at the root of its origin", async () => {
  const server = await startModelServer({ rules: { path: "" } });
  expect(found(await examine(server.mcp).finally(server.stop))).toEqual([]);
});

test.each([...METADATA_FAULTS, ...REQUEST_FAULTS])(
  "D2 a server $with is found by $check",
  async ({ check, also = [], changes }) => {
    const server = await startModelServer(changes);
    const report = await examine(server.mcp).finally(server.stop);
    expect(found(report).toSorted()).toEqual([check, ...also].toSorted());
  },
);
