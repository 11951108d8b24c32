import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { CLI } from "../support/cli.ts";
import { gatehouseBrowser } from "../support/doctor-browsers.ts";
import { scene } from "../support/scene.ts";

const { gatehouse } = await scene({ example: true });
const person = await gatehouse.addPerson();

test("D5 the command opens the sign-in and the pages where a person has to be refused, and then ends", async () => {
  const visitor = gatehouseBrowser(await gatehouse.signInBrowser(person), person);
  const command = [CLI, "doctor", gatehouse.resource.uri, "--json", "--email", person.email];
  // There is no program that opens browsers, since the follower of the links is in this process.
  const env = { ...process.env, PATH: dirname(process.execPath) };
  const child = spawn(process.execPath, command, { env });
  const kinds: string[] = [];

  /** Follows one link and takes its answer to the listener, or presses Enter if there is no answer. */
  const follow = async (kind: string, url: URL) => {
    kinds.push(kind);
    const returned = kind === "Sign in here" ? await visitor.signIn(url) : await visitor.expectRefusal(url);
    if (!returned) return child.stdin.write("\n");
    const listener = new URL(url.searchParams.get("redirect_uri") ?? "");
    return fetch(`${listener.origin}${returned.path}?${returned.params}`);
  };
  let said = "";
  const followed: Promise<unknown>[] = [];
  child.stderr.on("data", (chunk) => {
    said += chunk;
    for (;;) {
      const link = /(Sign in here|This has to be refused).*\n\n {2}(http\S+)\n/.exec(said);
      if (!link) return;
      said = said.slice(link.index + link[0].length);
      followed.push(follow(link[1] ?? "", new URL(link[2] ?? "")));
    }
  });
  const [stdout, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => {
      child.once("exit", resolve);
    }),
  ]);
  await Promise.all(followed);
  expect(code).toBe(0);
  expect(kinds.map((kind) => kind.slice(0, 4))).toEqual(["Sign", "Sign", "This", "This", "This"]);
  const findings = JSON.parse(stdout).findings as readonly { readonly id: string; readonly outcome: string }[];
  const ofAccount = findings.filter(({ id }) => id.startsWith("account-"));
  expect(ofAccount.length).toBeGreaterThan(15);
  expect(ofAccount.filter(({ outcome }) => outcome !== "pass").map(({ id }) => id)).toEqual(["account-reuse-ends"]);
});
