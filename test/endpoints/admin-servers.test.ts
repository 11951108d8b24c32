import { describe, expect, test } from "vitest";
import type { Page } from "../../src/dev/headless-browser.ts";
import { authorizationRequest, basic, postForm, registerClient } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, browser } = await ownerScene();
const member = await gatehouse.addPerson();
const memberBrowser = await gatehouse.signedInBrowser(member);

describe("servers", () => {
  test("a server is added, its credential is shown once, and both credentials work while it is rotated", async () => {
    const page = await browser.open(`${issuer}/admin/resources`);
    const added = await browser.submit(page, "/admin/resources", { uri: "https://mcp.example/mcp", name: "Mine" });
    const read = (from: Page) => {
      const [id = "", secret = ""] = from.html
        .querySelectorAll(".secret code")
        .map((code) => code.textContent.split("=")[1]);
      return { id, secret };
    };
    const first = read(added);
    const open = () => browser.open(`${issuer}/admin/resources/${first.id}`);
    const again = await open();
    expect(again.html.querySelector(".secret")).toBeNull();
    const question = ({ html }: Page) => html.querySelector("#rotate.confirm")?.textContent ?? null;
    expect(question(again)).toBeNull();
    const second = read(await browser.submit(again, `/admin/resources/${first.id}/rotate`, {}));
    expect(question(await open())).toContain("stops working at once. It was never used.");
    const third = read(await browser.submit(again, `/admin/resources/${first.id}/rotate`, {}));
    const statuses = await Promise.all(
      [first, second, third].map(
        async ({ id, secret }) => (await postForm(`${issuer}/introspect`, { token: "x" }, basic(id, secret))).status,
      ),
    );
    expect(statuses).toEqual([401, 200, 200]);
    const twice = await browser.submit(page, "/admin/resources", { uri: "https://mcp.example/mcp/", name: "Again" });
    expect([twice.status, textOf(twice).includes("A server with this URL already exists.")]).toEqual([400, true]);
  });

  test("a server's scopes and defaults can be changed, and the next consent shows them", async () => {
    const { id } = gatehouse.resource;
    const page = await browser.open(`${issuer}/admin/resources/${id}`);
    const scopes = {
      scope_name: ["mcp:tools", "", "admin"],
      scope_description: ["Look at the sky", "", "Everything"],
      scope_implies: ["", "", "mcp:tools"],
      scope_default: ["0"],
    };
    const saved = await browser.submit(page, `/admin/resources/${id}`, {
      name: "Weather & more",
      max_days: "7",
      default: "on",
      ...scopes,
    });
    expect(textOf(saved)).toContain("Saved.");
    const names = (of: Page) =>
      of.html.querySelectorAll('[name="scope_name"]').map((input) => input.getAttribute("value") ?? "");
    expect(names(saved)).toEqual(["mcp:tools", "admin"]);
    const longer = await browser.submit(saved, `/admin/resources/${id}`, { add_scope: "1", name: "Typed" });
    expect([names(longer), longer.html.querySelector("#name")?.getAttribute("value")]).toEqual([
      ["mcp:tools", "admin", ""],
      "Typed",
    ]);
    const shorter = await browser.submit(saved, `/admin/resources/${id}`, {
      remove_scope: "0",
      scope_default: ["0", "1"],
    });
    expect([names(shorter), shorter.html.querySelectorAll("[name=scope_default][checked]")]).toHaveLength(2);
    expect(names(shorter)).toEqual(["admin"]);
    expect(names(await browser.open(`${issuer}/admin/resources/${id}`))).toEqual(["mcp:tools", "admin"]);
    const client = await registerClient(gatehouse);
    const consent = await memberBrowser.open((await authorizationRequest(gatehouse, client)).url);
    expect(consent.html.querySelectorAll('[name="scope"]').map((box) => box.getAttribute("value"))).toEqual([
      "mcp:tools",
    ]);
    expect(textOf(consent)).toContain("Look at the sky");
    expect(textOf(consent)).toContain("7 days");
    for (const bad of [
      { scope_name: ["", "", ""] },
      { scope_implies: ["nothing", "", ""] },
      { scope_name: ["mcp:tools", "mcp:tools", ""] },
      { scope_name: ["mcp:tools", 'a"b', ""] },
      { scope_name: Array.from({ length: 101 }, (_, row) => `s${row}`) },
      { max_days: "x" },
      { max_days: "-1" },
      { max_days: "99999" },
      { name: " " },
    ]) {
      const refused = await browser.submit(saved, `/admin/resources/${id}`, { name: "X", ...scopes, ...bad });
      expect([bad, refused.status]).toEqual([bad, 400]);
      expect(refused.html.querySelector('[name="scope_description"]')?.getAttribute("value")).toBe("Look at the sky");
    }
  });

  test("a form with a mistake is shown again as it was typed, and names the field", async () => {
    const page = await browser.open(`${issuer}/admin/registration`);
    const typed = { label: "Team", uses: "none", resource: "https://mcp.example" };
    const refused = await browser.submit(page, "/admin/registration", typed);
    const field = (name: string) => refused.html.querySelector(`[name="${name}"]`);
    expect(refused.status).toBe(400);
    expect(refused.html.querySelector(".error")?.textContent).toContain("a whole number from 1");
    expect([field("uses")?.getAttribute("aria-invalid"), field("label")?.getAttribute("aria-invalid")]).toEqual([
      "true",
      undefined,
    ]);
    expect(Object.keys(typed).map((name) => field(name)?.getAttribute("value"))).toEqual(Object.values(typed));
    expect(refused.html.querySelector('form[action$="/admin/registration#problem"]')).not.toBeNull();
  });

  test.each(["nope", "%00", "..%2f", "%ff"])("the page of a server called %s is 404", async (id) => {
    expect((await browser.open(`${issuer}/admin/resources/${id}`)).status).toBe(404);
  });
});
