import { expect, test } from "vitest";
import { VERSION } from "../../src/lib/version.ts";
import { createRedis } from "../../src/store/redis.ts";
import { createInternet } from "../support/internet.ts";
import { ownerScene } from "../support/scene.ts";

const RELEASES = "https://releases.example/latest";
const internet = createInternet();
const { gatehouse, issuer, browser } = await ownerScene({
  vars: { RELEASE_URL: RELEASES },
  outbound: internet.outbound,
});
const { services } = gatehouse;

/** The line of the overview about a newer release. */
const notice = async () =>
  (await browser.open(`${issuer}/admin`)).html
    .querySelectorAll(".checks li")
    .map(({ textContent }) => textContent.trim())
    .find((line) => line.startsWith("Version"));
const told = (newer: string) => `Version ${newer} is out. This is ${VERSION}. The changelog says what is new.`;
const redis = createRedis(services.redisUrl, services.redisToken);
/** The cron's run on the next day. */
const nextDay = async () => {
  await redis.ask("DEL", "latest-release-asked");
  await gatehouse.runScheduled();
};

test("P5 an owner who configures RELEASE_URL is told of newer releases, for which the server asks once a day", async () => {
  internet.serve(RELEASES, { tag_name: "v99.2.0", name: "<b>Buy this</b>" });
  expect(await notice()).toBeUndefined();
  await gatehouse.runScheduled();
  await gatehouse.runScheduled();
  expect(internet.asked(RELEASES)).toBe(1);
  expect(await notice()).toBe(told("99.2.0"));
  internet.serve(RELEASES, { version: "0.0.1" });
  await nextDay();
  expect(await notice()).toBeUndefined();
});

test.each<[string, object | (() => Response)]>([
  ["answers nothing", {}],
  ["answers with no JSON", () => new Response("<html>")],
  ["answers null", () => Response.json(null)],
  ["answers with markup", { tag_name: "v99.2.0<script>" }],
  ["redirects", () => new Response(null, { status: 302, headers: { Location: "https://elsewhere.example" } })],
  ["never stops answering", () => new Response("1".repeat(600_000))],
  ["is down", () => new Response("", { status: 500 })],
])("P5 an address that %s changes nothing, and the clean-up continues", async (_, answer) => {
  internet.serve(RELEASES, { tag_name: "v99.3.0" });
  await nextDay();
  internet.serve(RELEASES, answer);
  await nextDay();
  expect(await notice()).toBe(told("99.3.0"));
  expect(gatehouse.logs.some(({ message }) => message.includes("release_check_failed"))).toBe(true);
});
