import { sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { createAssertingClient, present, presentProgram, programToken, startIssuer, vouch } from "../support/issuer.ts";
import { isActive, postForm, type Tokens } from "../support/oauth-client.ts";
import { textOf } from "../support/pages.ts";
import { ownerScene } from "../support/scene.ts";

const { gatehouse, issuer, operator, browser } = await ownerScene();
const { resource } = gatehouse;
const theirs = await gatehouse.signedInBrowser(await gatehouse.addPerson("ada@example.com"));

const open = () => browser.open(`${issuer}/admin/issuers`);
const submit = async (path: string, fields: Record<string, string>) => browser.submit(await open(), path, fields);

describe("People: the owner decides which issuers are trusted", () => {
  test("People: on its page, an issuer is added, turned off, and removed with everything that came by it", async () => {
    expect(textOf(await open())).toContain("No trusted issuers yet.");
    const by = await startIssuer();
    const client = await createAssertingClient(gatehouse);
    const added = await submit("/admin/issuers", {
      kind: "people",
      name: "acme",
      issuer: by.issuer,
      joining: "everybody",
    });
    expect(textOf(added)).toContain("Everybody it names");
    const off = added.html.querySelector('form[action$="/admin/issuers/off"]');
    expect(off?.closest(".confirm")?.textContent).toContain("every connection that it let in ends at once");
    const answer = await present(gatehouse, client, await vouch(gatehouse, by, client.id));
    const { access_token } = (await answer.json()) as Tokens;
    expect(await isActive(gatehouse, access_token)).toBe(true);
    expect(textOf(await submit("/admin/issuers/off", { name: "acme" }))).toContain("Turn on");
    expect(await isActive(gatehouse, access_token)).toBe(false);
    expect(textOf(await submit("/admin/issuers/on", { name: "acme" }))).toContain("Turn off");
    expect(textOf(await submit("/admin/issuers/remove", { name: "acme" }))).toContain("No trusted issuers yet.");
  });

  test("People: on its page, a rule lets a program in, and a rule that would let everybody in is refused", async () => {
    const by = await startIssuer();
    await submit("/admin/issuers", { kind: "other", name: "builds", issuer: by.issuer });
    const program = { program: "Deployment", by: "builds", server: resource.uri, scope: "mcp:tools" };
    const refused = await submit("/admin/issuers/programs", { ...program, claims: "repository" });
    expect(refused.status).toBe(400);
    expect(textOf(refused)).toContain("Each line names one claim");
    expect(textOf(await submit("/admin/issuers/programs", { ...program, claims: "sub=*" }))).toContain(
      "without a claim",
    );
    const claims = "repository=acme/*\r\nref=refs/heads/main";
    expect(textOf(await submit("/admin/issuers/programs", { ...program, claims }))).toContain("repository=acme/*");
    const answer = await presentProgram(gatehouse, await programToken(gatehouse, by));
    const { access_token } = (await answer.json()) as Tokens;
    const [{ id } = { id: "" }] = await operator.db.read<{ id: string }>(
      sql`select client_id as id from workload_rules`,
    );
    expect(textOf(await submit("/admin/issuers/programs/remove", { id }))).toContain("No programs yet.");
    expect(await isActive(gatehouse, access_token)).toBe(false);
    await submit("/admin/issuers/remove", { name: "builds" });
  });

  test("People: a member can't do so, nor can a form from another browser", async () => {
    expect((await theirs.open(`${issuer}/admin/issuers`)).status).toBe(403);
    const forged = await postForm(`${issuer}/admin/issuers`, {
      kind: "people",
      name: "evil",
      issuer: "https://evil.example",
    });
    expect(forged.status).not.toBe(200);
    expect(await operator.db.read(sql`select from trusted_issuers where name = 'evil'`)).toEqual([]);
  });
});
