import { expect, test } from "vitest";
import { startGatehouse } from "../support/gatehouse.ts";

const gatehouse = await startGatehouse();
const health = async () => {
  const response = await fetch(`${gatehouse.issuer}/health`);
  return { status: response.status, body: await response.json() };
};

test("P5 tells the state of database and redis, and is 503 only without the database", async () => {
  const { neon, upstash } = gatehouse.services;
  expect(await health()).toEqual({ status: 200, body: { status: "ok", database: "ok", redis: "ok" } });
  upstash.inject("refuse");
  expect(await health()).toEqual({ status: 200, body: { status: "ok", database: "ok", redis: "unreachable" } });
  neon.inject("refuse");
  expect(await health()).toEqual({
    status: 503,
    body: { status: "unavailable", database: "unreachable", redis: "unreachable" },
  });
  neon.reset();
  upstash.reset();
  expect((await health()).status).toBe(200);
});
