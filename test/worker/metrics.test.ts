import { join } from "node:path";
import { expect, test } from "vitest";
import { createPoints, isDataset } from "../../src/lib/data-points.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { grantCode, postForm, redeem, registerClient } from "../support/oauth-client.ts";

const gatehouse = await startGatehouse({
  entry: join(import.meta.dirname, "../support/counting-worker.ts"),
  vars: { LIMITS: "on", LIMIT_TOKEN: "6", LIMIT_TOKEN_ADDRESS: "6", LIMIT_REGISTER: "60" },
});

type Point = { readonly indexes: string[]; readonly blobs: string[]; readonly doubles: number[] };

const points = (): Point[] =>
  gatehouse.logs
    .filter(({ message }) => message.startsWith('{"point"'))
    .map(({ message }) => (JSON.parse(message) as { point: Point }).point);

test("P5 if a dataset is bound, tokens issued, refusals, replays, limits and the times of the stores are counted", async () => {
  const person = await gatehouse.addPerson();
  const app = await registerClient(gatehouse);
  const grant = await grantCode(gatehouse, await gatehouse.signedInBrowser(person), app);
  expect((await redeem(gatehouse, app, { ...grant, verifier: "v".repeat(43) })).status).toBe(400);
  expect((await redeem(gatehouse, app, grant)).status).toBe(200);
  expect((await redeem(gatehouse, app, grant)).status).toBe(400);
  for (let n = 0; n < 8; n++) await postForm(`${gatehouse.issuer}/token`, { client_id: app.client_id });
  const seen = () => new Set(points().map(({ blobs }) => blobs.join(" ")));
  await expect
    .poll(seen)
    .toEqual(
      new Set([
        "issued authorization_code",
        "refused token verifier",
        "refused token code_replayed",
        "refused token malformed",
        "replayed code_replayed",
        "limited token",
        "store database ok",
        "store redis ok",
      ]),
    );
  expect(points().every(({ indexes, blobs }) => indexes.length === 1 && indexes[0] === blobs[0])).toBe(true);
  const times = points().flatMap(({ blobs, doubles }) => (blobs[0] === "store" ? doubles : []));
  expect(times.every((milliseconds) => milliseconds >= 0 && milliseconds < 4000)).toBe(true);
  // A data point reveals nobody and no secret.
  expect(JSON.stringify(points())).not.toContain(app.client_id);
});

test("P5 a store that doesn't answer is counted as failed", async () => {
  gatehouse.services.neon.inject("refuse", { times: 2 });
  await postForm(
    `${gatehouse.issuer}/introspect`,
    { token: `gtha_${"x".repeat(55)}` },
    {
      Authorization: `Basic ${btoa(`${gatehouse.resource.id}:${gatehouse.resource.secret}`)}`,
    },
  );
  await fetch(`${gatehouse.issuer}/health`);
  await expect.poll(() => points().map(({ blobs }) => blobs.join(" "))).toContain("store database failed");
});

test("P5 nothing is counted without a dataset, and a broken dataset breaks no request", () => {
  expect([isDataset(undefined), isDataset("METRICS"), isDataset({ writeDataPoint: () => {} })]).toEqual([
    false,
    false,
    true,
  ]);
  createPoints(null)("issued", []);
  createPoints({
    writeDataPoint: () => {
      throw new Error("too many points");
    },
  })("issued", []);
});
