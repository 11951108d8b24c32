import { sql } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { setAppRule } from "../../src/flows/admin/app-rules.ts";
import { createInternet } from "../support/internet.ts";
import { authorizationRequest, registerClient } from "../support/oauth-client.ts";
import { ownScene } from "../support/scene.ts";

const WEBHOOK_URL = "https://hooks.example/gatehouse";
const WEBHOOK_SECRET = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
const internet = createInternet();
const { gatehouse, issuer, person, browser } = await ownScene({
  outbound: internet.outbound,
  vars: { WEBHOOK_URL, WEBHOOK_SECRET },
});
const { owner } = gatehouse;
gatehouse.keepSecret(() => [WEBHOOK_SECRET]);
await setAppRule(owner, "registered", "", "ask");

type Delivery = { readonly headers: Record<string, string>; readonly body: string };
let deliveries: Delivery[] = [];
/** Makes the receiver answer like this, and keeps what it received. */
const answerWith = (answer: () => Response | Promise<Response>) =>
  internet.serve(WEBHOOK_URL, async (request: Request) => {
    deliveries.push({ headers: Object.fromEntries(request.headers), body: await request.text() });
    return answer();
  });
beforeEach(() => {
  deliveries = [];
});

/** A new app that somebody asks for. */
async function ask() {
  const client = await registerClient(gatehouse, { client_name: "Newcomer" });
  const open = async () => browser.open((await authorizationRequest(gatehouse, client, { scope: "mcp:tools" })).url);
  expect((await open()).status).toBe(202);
  return { client, open };
}
const toldOf = async (clientId: string) => {
  const [row] = await owner.db.read<{ told: boolean; tries: number }>(
    sql`select told_at is not null as told, tries from app_requests where client_id = ${clientId}`,
  );
  return row;
};
/** As long as a busy machine may take. */
const PATIENCE = { timeout: 20_000 };
const arrived = (count: number) => vi.waitFor(() => expect(deliveries).toHaveLength(count), PATIENCE);

describe("Standard Webhooks: messages about an app that waits for the owner", () => {
  test("one message is sent, its signature is valid for the specification's own library, and it has no secret or token", async () => {
    answerWith(() => new Response(null, { status: 204 }));
    const { client, open } = await ask();
    await arrived(1);
    await vi.waitFor(async () => expect(await toldOf(client.client_id)).toEqual({ told: true, tries: 1 }), PATIENCE);
    await open();
    await gatehouse.runScheduled();
    expect(deliveries).toHaveLength(1);
    const [{ headers, body } = { headers: {}, body: "" }] = deliveries;
    expect(new Webhook(WEBHOOK_SECRET).verify(body, headers)).toEqual({
      type: "app.requested",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      data: {
        request: headers["webhook-id"],
        app: { id: client.client_id, name: "Newcomer", registration: "dynamic" },
        person: person.email,
        server: { name: "Weather", url: gatehouse.resource.uri },
        scopes: ["mcp:tools"],
        answers_go_to: "app.example",
        review: `${issuer}/admin/new-apps`,
      },
    });
    expect(() => new Webhook(WEBHOOK_SECRET).verify(body.replace("Newcomer", "Other"), headers)).toThrow();
    expect(body).not.toMatch(/gth[a-z]_|code_challenge|the state/);
  });

  test("if sending fails, the next scheduled run sends it once more with the same id, and then never again", async () => {
    answerWith(() => new Response("no", { status: 500 }));
    const { client } = await ask();
    await arrived(1);
    await vi.waitFor(
      () => expect(gatehouse.logs.some(({ message }) => message.includes("answered 500"))).toBe(true),
      PATIENCE,
    );
    await gatehouse.runScheduled();
    await arrived(2);
    expect(deliveries[1]?.headers["webhook-id"]).toBe(deliveries[0]?.headers["webhook-id"]);
    await gatehouse.runScheduled();
    await gatehouse.runScheduled();
    expect(deliveries).toHaveLength(2);
    expect(await toldOf(client.client_id)).toEqual({ told: false, tries: 2 });
  });

  test("a redirect isn't followed, and a receiver that hangs or floods delays nobody", async () => {
    answerWith(() => Response.redirect("https://inside.example/admin", 307));
    await ask();
    await arrived(1);
    answerWith(() => new Response("x".repeat(1024 * 1024)));
    const before = Date.now();
    await ask();
    await arrived(2);
    answerWith(() => new Promise(() => {}));
    await ask();
    expect(Date.now() - before).toBeLessThan(5000);
    expect(internet.asked("https://inside.example/admin")).toBe(0);
  });
});
