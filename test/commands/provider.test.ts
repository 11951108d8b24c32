import { describe, expect, test } from "vitest";
import { readProviders } from "../../src/flows/admin/providers.ts";
import { openUpstream } from "../../src/flows/provider/upstream.ts";
import { createKeyWrapper, vaultKeyVersion } from "../../src/lib/key-wrapper.ts";
import type { Provider } from "../../src/oauth/provider.ts";
import { findProvider } from "../../src/store/providers.ts";
import { runCommand } from "../support/cli.ts";
import { startGatehouse } from "../support/gatehouse.ts";
import { addIssuesServer, answerOf, exchange, grantLinked } from "../support/linked.ts";
import { addGitHub, addOpenid } from "../support/providers.ts";

const gatehouse = await startGatehouse();
const { owner, issuer, resource, services, vaultKey } = gatehouse;
const github = await addGitHub(gatehouse);
const openid = await addOpenid(gatehouse);
const issues = await addIssuesServer(gatehouse, "github");
const NEXT_KEY = "the key that the owner rotates to, 0123456789abcdef";
const ELSEWHERE = "https://elsewhere.example";

const ENV = { DATABASE_URL: services.databaseUrl, ISSUER: issuer, VAULT_KEY: vaultKey };

async function cli(args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await runCommand(args, { ...ENV, ...env }, input);
  return { code, stdout, stderr, said: stdout + stderr };
}
const provider = (...args: string[]) => cli(["provider", ...args]);
const add = (slug: string, args: readonly string[], secret = "the secret of a provider") =>
  cli(["provider", "add", slug, "--client-id", "the-id", "--secret-stdin", ...args], `${secret}\n`);

const stored = async (slug: string) => (await findProvider(owner.db, slug)) as unknown as Provider | null;

const PLAIN = [
  ...["--authorization-endpoint", "https://auth.example/authorize", "--token-endpoint", "https://auth.example/token"],
  ...["--user-endpoint", "https://api.example/me"],
];

describe("L3 cli provider add", () => {
  test("L3 for plain OAuth, each option is stored, and the secret is read from standard input", async () => {
    const secret = "a secret that only the vault holds";
    const added = await add(
      "plain",
      [
        ...[...PLAIN, "--user-id", "data.key", "--user-name", "data.title"],
        ...["--revocation-endpoint", "https://auth.example/revoke"],
        ...["--token-endpoint-auth-method", "client_secret_post", "--name", "Plain & simple", "--sign-in"],
        ...["--scope", "read=Read it", "--scope", "!all=Do anything", "--join", "invited", "--join", "org:acme"],
        ...["--resource", resource.uri, "--resource", issues.uri],
      ],
      secret,
    );
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining(`${issuer}/callback/plain`) });
    expect(added.said).not.toContain(secret);
    const row = await findProvider(owner.db, "plain");
    if (!row) throw new Error("it was added");
    expect(row).toMatchObject({
      ...{
        name: "Plain & simple",
        kind: "oauth2",
        clientId: "the-id",
        signsIn: true,
        joining: ["invited", "org:acme"],
      },
      description: {
        authorizationEndpoint: "https://auth.example/authorize",
        tokenEndpoint: "https://auth.example/token",
        userEndpoint: "https://api.example/me",
        userMembers: { subject: "data.key", label: "data.title" },
        revocationEndpoint: "https://auth.example/revoke",
        revocation: "rfc7009",
        authentication: "client_secret_post",
      },
      scopes: [
        { name: "read", description: "Read it", broad: false },
        { name: "all", description: "Do anything", broad: true },
      ],
    });
    expect((await openUpstream(owner, row)).clientSecret).toBe(secret);
    const listed = (await readProviders(owner, issuer)).find(({ slug }) => slug === "plain");
    expect([...(listed?.resources ?? [])].sort()).toEqual([resource.uri, issues.uri].sort());
  });

  test("L3 preset, host, issuer, tenant and --public are stored", async () => {
    expect((await add("ours", ["--preset", "github", "--host", github.url])).code).toBe(0);
    expect(await stored("ours")).toMatchObject({ description: { userEndpoint: `${github.url}/api/v3/user` } });
    expect((await add("discovered", ["--issuer", openid.url, "--public"])).code).toBe(0);
    expect(await stored("discovered")).toMatchObject({ kind: "openid", description: { authentication: "none" } });
    expect((await add("microsoft", [])).said).toContain("needs a tenant");
    expect((await add("microsoft", ["--tenant", "a/b"])).said).toContain("A tenant has to be an id or a domain");
    expect(await stored("microsoft")).toBeNull();
  });

  test("L3 --at names the deployment, and --json prints one object", async () => {
    const added = await add("at", [...PLAIN, "--at", ELSEWHERE, "--json"]);
    expect(JSON.parse(added.stdout)).toMatchObject({ slug: "at", redirectUri: `${ELSEWHERE}/callback/at` });
  });

  test.each<[string, string[], string]>([
    ["no client id", ["add", "none"], "--client-id"],
    ["an unknown way to send a secret", ["--token-endpoint-auth-method", "private_key_jwt"], "client_secret_post"],
    [
      "a way to send a secret for a public client",
      ["--public", "--token-endpoint-auth-method", "client_secret_post"],
      "cannot be used",
    ],
    ["a scope without a sentence", ["--scope", "read"], "NAME=SENTENCE"],
    ["a malformed rule", ["--join", "everybody"], "everybody"],
  ])("L3 %s is refused, and nothing is added", async (_, args, problem) => {
    const ran = args[0] === "add" ? await provider(...args) : await add("refused", [...PLAIN, ...args]);
    expect([ran.code, ran.said]).toEqual([1, expect.stringContaining(problem)]);
    expect([await stored("refused"), await stored("none")]).toEqual([null, null]);
  });
});

describe("L3 cli provider list, check, allow, disallow and remove", () => {
  test("L3 list prints the providers, with --at and --json", async () => {
    expect((await provider("list", "--at", ELSEWHERE)).stdout).toContain(`${ELSEWHERE}/callback/github`);
    const { providers } = JSON.parse((await provider("list", "--at", ELSEWHERE, "--json")).stdout);
    expect(providers).toContainEqual(expect.objectContaining({ redirectUri: `${ELSEWHERE}/callback/openid` }));
    expect(JSON.stringify(providers)).not.toContain("sealed");
  });

  test("L3 check prints what it finds, with --json and --at, and notices an unregistered redirect URI", async () => {
    const right = await provider("check", "openid", "--json");
    const { checks } = JSON.parse(right.stdout) as { checks: { what: string; problem: string | null }[] };
    expect([right.code, checks.filter(({ problem }) => problem !== null)]).toEqual([0, []]);
    const wrong = await provider("check", "openid", "--at", ELSEWHERE);
    expect([wrong.code, wrong.stdout]).toEqual([1, expect.stringContaining("paste the redirect URI there")]);
    expect(await provider("check", "nobody")).toMatchObject({ code: 1 });
    const keyless = await cli(["provider", "check", "openid"], "", { VAULT_KEY: "" });
    expect([keyless.code, keyless.stdout]).toEqual([1, expect.stringContaining("VAULT_KEY is missing")]);
  });

  test("L3 allow, disallow and remove do so, and remove has the provider end the accounts' tokens", async () => {
    const servers = async () => (await readProviders(owner, issuer)).find(({ slug }) => slug === "openid")?.resources;
    expect(JSON.parse((await provider("allow", "openid", resource.uri, "--json")).stdout)).toMatchObject({
      allowed: true,
    });
    expect(await servers()).toEqual([resource.uri]);
    expect((await provider("disallow", "openid", resource.uri)).code).toBe(0);
    expect(await servers()).toEqual([]);
    expect(await provider("allow", "openid", "https://nobody.example")).toMatchObject({ code: 1 });

    const browser = await gatehouse.signedInBrowser(await gatehouse.addPerson());
    const { tokens } = await grantLinked(gatehouse, browser, issues, { login: "removed" });
    const { access_token } = await answerOf(await exchange(gatehouse, issues, tokens.access_token, "github"));
    const removed = JSON.parse((await provider("remove", "github", "--json")).stdout);
    expect([removed, github.isLive(access_token)]).toEqual([{ slug: "github", accounts: 1, ended: 1 }, false]);
    expect(await provider("remove", "github")).toMatchObject({ code: 1 });
  });
});

describe("L2 cli vault", () => {
  test("L2 status and rewrap lead from one key to the next, for people and for programs", async () => {
    const [before, after] = [await vaultKeyVersion(vaultKey), await vaultKeyVersion(NEXT_KEY)];
    const rotating = { VAULT_KEY: NEXT_KEY, VAULT_KEY_PREVIOUS: vaultKey };
    const status = async (env = {}) => JSON.parse((await cli(["vault", "status", "--json"], "", env)).stdout);
    const { versions } = await status();
    expect(versions).toEqual([{ keyVersion: before, rows: expect.any(Number) }]);
    const alone = await cli(["vault", "rewrap", "--json"], "", { VAULT_KEY: NEXT_KEY });
    expect([alone.code, JSON.parse(alone.stdout)]).toEqual([1, { rewrapped: 0, stuck: versions[0].rows }]);
    expect((await cli(["vault", "status"], "", rotating)).stdout).toContain(`${before}  another key`);
    const done = await cli(["vault", "rewrap"], "", rotating);
    expect([done.code, done.stdout.trim()]).toEqual([0, `${versions[0].rows} wrapped with the current key.`]);
    expect(await status(rotating)).toEqual({
      current: after,
      versions: [{ keyVersion: after, rows: versions[0].rows }],
    });
    const row = await findProvider(owner.db, "plain");
    const vault = createKeyWrapper([NEXT_KEY]);
    expect(row && (await openUpstream({ ...owner, vault }, row)).clientSecret).toBe(
      "a secret that only the vault holds",
    );
  });
});
