import { describe, expect, test } from "vitest";
import { createHeadlessBrowser, type Page } from "../../src/dev/headless-browser.ts";
import { addGroup } from "../../src/flows/admin/groups.ts";
import { addIssuer } from "../../src/flows/admin/issuers.ts";
import { createSetupLink } from "../../src/flows/admin/setup-links.ts";
import { makeKey } from "../support/issuer.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser } = await ownerScene();
await addGroup(operator, { name: "crew", follows: null });
const { jwk } = await makeKey("ES256");
await addIssuer(operator, {
  ...{ name: "acme", issuer: "https://acme.example", jwks: { keys: [jwk] }, vouches: false, tenant: null },
  ...{ linksAddresses: false, joining: [], refreshes: false },
});
const server = `/admin/resources/${gatehouse.resource.id}`;

const PROGRAM = { program: "job", by: "acme", server: gatehouse.resource.uri, scope: "mcp:tools", claims: "sub=job" };

/** The field that has the problem, and what stands above the form, beside the field, and where the focus goes. */
function readProblem({ html }: Page) {
  const [field, ...others] = html.querySelectorAll('[aria-invalid="true"]');
  const id = field?.getAttribute("aria-describedby") ?? "none";
  expect(others).toEqual([]);
  return {
    field: field?.getAttribute("name"),
    above: html.querySelector(".error:not([hidden])")?.textContent,
    beside: html.querySelectorAll(`[id="${id}"]`).map(({ textContent }) => textContent),
    focused: html.querySelectorAll("[autofocus]").map((each) => each.getAttribute("name")),
    // A browser that has something to scroll to gives no field the focus.
    scrolledTo: html.querySelector("#problem"),
  };
}

describe("a form with a mistake in one of its fields", () => {
  test.each<[page: string, action: string, field: string, typed: Record<string, string>]>([
    ["/device", "/device", "user_code", { user_code: "nothing" }],
    ["/account/security", "/account/password", "password", { password: "short" }],
    ["/admin/people", "/admin/people/invite", "email", { email: "nobody" }],
    ["/admin/resources", "/admin/resources", "uri", { uri: "weather" }],
    ["/admin/resources", "/admin/resources", "name", { uri: "https://a.example", name: "x".repeat(201) }],
    [server, server, "name", { name: " " }],
    [server, server, "max_days", { max_days: "x" }],
    [server, server, "access_hours", { access_hours: "99" }],
    [server, `${server}/access`, "email", { whom: "person", email: "nobody@example.com", scope: "mcp:tools" }],
    [server, `${server}/access`, "whom", { whom: "group:nobody", scope: "mcp:tools" }],
    ["/admin/registration", "/admin/registration", "uses", { label: "Team", uses: "none" }],
    ["/admin/registration", "/admin/registration", "resource", { label: "Team", resource: "https://no.example" }],
    ["/admin/groups", "/admin/groups", "name", { name: "crew" }],
    ["/admin/groups", "/admin/groups", "rule", { name: "new", provider: "github", rule: "nonsense" }],
    ["/admin/groups/one?name=crew", "/admin/groups/join", "email", { email: "nobody@example.com" }],
    ["/admin/new-apps", "/admin/new-apps", "pattern", { kind: "document", pattern: "no host", decision: "ask" }],
    ["/admin/providers", "/admin/providers", "slug", { slug: "No Name", client_id: "us" }],
    ["/admin/providers", "/admin/providers", "client_id", { slug: "notes", client_id: " " }],
    ["/admin/providers", "/admin/providers", "tenant", { slug: "microsoft", client_id: "us", preset: "microsoft" }],
    ["/admin/providers", "/admin/providers", "issuer", { slug: "notes", client_id: "us", issuer: "http://a.example" }],
    ["/admin/providers", "/admin/providers", "joining", { slug: "notes", client_id: "us", joining: "anybody" }],
    ["/admin/issuers", "/admin/issuers", "name", { kind: "people", name: "Acme Inc" }],
    ["/admin/issuers", "/admin/issuers", "issuer", { kind: "people", name: "acme", issuer: "http://a.example" }],
    ["/admin/issuers", "/admin/issuers", "joining", { kind: "github-actions", name: "acme", joining: "anybody" }],
    ["/admin/issuers", "/admin/issuers/programs", "by", { ...PROGRAM, by: "nobody" }],
    ["/admin/issuers", "/admin/issuers/programs", "program", { ...PROGRAM, program: " " }],
    ["/admin/issuers", "/admin/issuers/programs", "scope", { ...PROGRAM, scope: "weather:none" }],
    ["/admin/issuers", "/admin/issuers/programs", "server", { ...PROGRAM, server: "https://no.example" }],
    ["/admin/issuers", "/admin/issuers/programs", "claims", { ...PROGRAM, claims: "sub=**" }],
    ["/admin/issuers", "/admin/issuers/programs", "audience", { ...PROGRAM, audience: "https://*" }],
    ["/admin/providers", "/admin/providers", "scopes", { slug: "notes", client_id: "us", scopes: "read" }],
  ])(
    "%s → %s has the sentence above the form and beside %s, which gets the focus",
    async (path, action, field, typed) => {
      const refused = await browser.submit(await browser.open(issuer + path), action, typed);
      const { above, ...rest } = readProblem(refused);
      expect([refused.status, above]).toEqual([400, expect.stringMatching(/\w+.*\./)]);
      expect(rest).toEqual({ field, beside: [above], focused: [field], scrolledTo: null });
    },
  );

  test("of several fields with one name, the one with the mistake gets the focus", async () => {
    const page = await browser.open(issuer + server);
    const refused = await browser.submit(page, server, { scope_description: ["Use it", "x".repeat(301), "Read it"] });
    const { field, beside, focused } = readProblem(refused);
    expect([field, beside.length, focused]).toEqual(["scope_description", 1, ["scope_description"]]);
    expect(refused.html.querySelector("[autofocus]")?.id).toBe("scope_description-1");
  });

  test("a setup link that can't be used says so beside the field that is wrong", async () => {
    const stranger = createHeadlessBrowser();
    const over = await stranger.submit(await stranger.open(`${issuer}/setup`), "/setup", { code: "nothing" });
    expect(readProblem(over)).toMatchObject({ field: "code", beside: [readProblem(over).above], focused: ["code"] });
    const link = await createSetupLink(operator, issuer, { kind: "invitation", role: "member", email: null });
    const code = "url" in link ? new URL(link.url).hash.slice(1) : "";
    const asked = await stranger.submit(await stranger.open(`${issuer}/setup`), "/setup", { code });
    const typed = await stranger.submit(asked, "/setup", { email: "nobody" });
    expect(readProblem(typed)).toMatchObject({ field: "email", beside: ["Enter a valid email address."] });
    const page = await stranger.submit(typed, "/setup", { email: "new@example.com" });
    const weak = await stranger.submit(page, "/setup/password", { password: "short" });
    expect(readProblem(weak)).toMatchObject({ field: "password", beside: [readProblem(weak).above] });
    expect(readProblem(weak).focused).toEqual(["password"]);
  });
});

test("a sign-in that fails doesn't say which of the two was wrong", async () => {
  const stranger = createHeadlessBrowser();
  const page = await stranger.open(`${issuer}/login`);
  const refused = await stranger.submit(page, "/login", { email: "nobody@example.com", password: "x" });
  const described = refused.html
    .querySelectorAll("[aria-invalid]")
    .map((each) => each.getAttribute("aria-describedby"));
  expect(described).toEqual(["problem", "problem"]);
  expect(refused.html.querySelectorAll("[autofocus]").map((each) => each.getAttribute("name"))).toEqual(["password"]);
});

test("where no field is wrong, the browser scrolls to the sentence above the form", async () => {
  const page = await browser.open(issuer + server);
  const refused = await browser.submit(page, `${server}/access`, { whom: "everybody", scope: [] });
  expect(readProblem(refused)).toMatchObject({ field: undefined, above: "Tick at least one permission.", focused: [] });
  expect(refused.html.querySelector("#problem")?.textContent).toBe("Tick at least one permission.");
  expect(refused.html.querySelector(`form[action="${issuer}${server}/access#problem"]`)).not.toBeNull();
});
