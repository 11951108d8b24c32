import { describe, expect, test } from "vitest";
import { readAuditEvents } from "../../src/flows/admin/audit-log.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { createMcpHost } from "../support/mcp-client.ts";

const gatehouse = await startGatehouse({ example: true });
const { uri } = gatehouse.resource;

async function newHost() {
  const person = await gatehouse.addPerson();
  return { person, host: createMcpHost(uri, await gatehouse.signedInBrowser(person), person) };
}

async function callsOf(email: string) {
  // The example records calls after the answer.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const query = { name: "tool_called", email, clientId: null, days: null, before: null, limit: 100 };
  const listed = await readAuditEvents(gatehouse.owner, query);
  if ("problem" in listed) throw new Error(listed.problem);
  return listed.events.reverse();
}

describe("examples/weather, in workerd and over the service binding", () => {
  test("K1 the SDK's client asks for few scopes, and steps up by itself when a tool needs more", async () => {
    const { person, host } = await newHost();
    expect((await host.callTool("get_weather", { city: "oslo" })).text).toBe("2 °C, snow");
    expect(host.provider.stored.tokens?.scope).toBe("weather:read");
    const reported = await host.callTool("report_weather", { city: "Berlin", sky: "snow" });
    expect(reported.text).toBe(`Thank you, ${person.email}.`);
    expect(host.asked()).toBe(2);
    expect((await callsOf(person.email)).map(({ details, resourceId }) => [resourceId, details])).toMatchObject([
      [gatehouse.resource.id, { tool: "get_weather", outcome: "ok" }],
      [gatehouse.resource.id, { tool: "report_weather", outcome: "insufficient_scope", arguments: { city: "Berlin" } }],
      [gatehouse.resource.id, { tool: "report_weather", outcome: "ok", arguments: { city: "Berlin" } }],
    ]);
  });

  test.each([
    ["", "is empty"],
    ["x".repeat(51), "is longer than 50 characters"],
    ["Oslo\u0000", "has control characters"],
    ["'; drop table cities; --", "has characters that no city has"],
  ])("the example refuses the city %j", async (city, problem) => {
    const { person, host } = await newHost();
    const { text, isError } = await host.callTool("get_weather", { city });
    expect([isError, text.includes(problem)]).toEqual([true, true]);
    expect(await callsOf(person.email)).toMatchObject([{ details: { outcome: "invalid_input" } }]);
  });

  test("an unknown city is an error that a model can act on", async () => {
    const { host } = await newHost();
    expect(JSON.parse((await host.callTool("get_weather", { city: "Atlantis" })).text)).toMatchObject({
      code: "NOT_FOUND",
      retryable: false,
    });
  });

  test("each user has 60 calls a minute, independently of other users", async () => {
    const [busy, calm] = [await newHost(), await newHost()];
    const { text, before } = await busy.host.run(async (connection) => {
      for (let before = 0; ; before++) {
        const { content, isError } = await connection.callTool("get_weather", { city: "Oslo" });
        const text = content[0]?.text ?? "";
        if (isError) return { text, before };
      }
    });
    // One or two more if a minute of the clock ends in between.
    expect(before).toBeGreaterThanOrEqual(60);
    expect(before).toBeLessThanOrEqual(62);
    const { retry_after_seconds, ...error } = JSON.parse(text);
    expect(error).toEqual({
      ...{ code: "RATE_LIMITED", retryable: true },
      message: `Too many calls. Try again in ${retry_after_seconds} seconds.`,
    });
    expect(retry_after_seconds).toBeGreaterThan(0);
    expect(retry_after_seconds).toBeLessThanOrEqual(60);
    expect((await calm.host.callTool("get_weather", { city: "Oslo" })).text).toBe("2 °C, snow");
    const calls = await callsOf(busy.person.email);
    expect(calls.filter(({ details }) => details?.["outcome"] === "ok")).toHaveLength(before);
    expect(calls.at(-1)?.details).toMatchObject({ outcome: "rate_limited" });
  });

  test("the example works without Redis", async () => {
    const { host } = await newHost();
    await host.callTool("get_weather", { city: "Oslo" });
    gatehouse.services.upstash.inject("refuse");
    const { text } = await host.callTool("get_weather", { city: "Oslo" });
    gatehouse.services.upstash.reset();
    expect(text).toBe("2 °C, snow");
  });
});
