import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";

const KEY = "kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4Mg6Ae+Ui/Ok=";
const GOOD = {
  ISSUER: "https://auth.example.com",
  DATABASE_URL: "postgres://user:pw@ep-x.eu.neon.tech/gatehouse?sslmode=require",
  UPSTASH_REDIS_REST_URL: "https://eu1.upstash.io",
  UPSTASH_REDIS_REST_TOKEN: "AX8AAIncDE",
  SERVER_KEY: KEY,
  CORS_ORIGINS: "none",
};

const problemsOf = (env: Record<string, unknown>): readonly string[] => {
  const config = readConfig(env);
  return "problems" in config ? config.problems : [];
};

describe("P4 the configuration of a deployment", () => {
  test("P4 production refuses to serve while variables are missing, and names them all at once", () => {
    expect(problemsOf(GOOD)).toEqual([]);
    const names = problemsOf({}).map((problem) => problem.split(" ")[0]);
    expect(names.sort()).toEqual(Object.keys(GOOD).sort());
  });

  test("P4 an empty variable counts as missing", () => {
    for (const name of Object.keys(GOOD)) expect(problemsOf({ ...GOOD, [name]: "" }).join()).toContain(name);
  });

  test.each([
    ["ISSUER", "http://auth.example.com"],
    ["ISSUER", "https://auth.example.com/"],
    ["ISSUER", "https://auth.example.com?x=1"],
    ["ISSUER", "auth.example.com"],
    ["DATABASE_URL", "mysql://user:pw@host/db"],
    ["DATABASE_URL", "postgres://host/db"],
    ["DATABASE_URL", "postgres://user:password@ep-x.eu.neon.tech/gatehouse"],
    ["DATABASE_URL", "postgres://user:changeme@ep-x.eu.neon.tech/gatehouse"],
    ["DATABASE_URL", "postgres://user:pw@ep-x.eu.neon.tech:99999/gatehouse"],
    ["ISSUER", "https://user:pw@auth.example.com"],
    ["UPSTASH_REDIS_REST_TOKEN", "placeholder"],
    ["UPSTASH_REDIS_REST_TOKEN", "your-token"],
    ["ACCENT_COLOR", "blue"],
    ["LOGO", "https://example.com/logo.svg"],
    ["RELEASE_URL", "http://releases.example/latest"],
    ["RELEASE_URL", "https://user@releases.example/latest"],
    ["WEBHOOK_SECRET", "whsec_short"],
    ["WEBHOOK_SECRET", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"],
    ["WEBHOOK_URL", "https://10.0.0.1/hook"],
    ["WEBHOOK_URL", "http://hooks.example/"],
    ["WEBHOOK_URL", "https://metadata.internal/"],
    ["WEBHOOK_URL", "https://auth.example.com/token"],
    ["WEBHOOK_URL", "https://hooks.example/without-a-secret"],
    ["LOGO", "data:text/html;base64,PHNjcmlwdD4="],
    ["LOGO", `data:image/png;base64,${"A".repeat(5000)}`],
    ["ACCENT_COLOR", "#2b5fd9; } body { display: none"],
    ["DEPLOYMENT_NAME", "x".repeat(61)],
    ["UPSTASH_REDIS_REST_URL", "redis://host"],
    ["UPSTASH_REDIS_REST_URL", "http://host"],
    ["CORS_ORIGINS", "*"],
    ["CORS_ORIGINS", "https://app.example/"],
    ["CORS_ORIGINS", "app.example"],
    ["CORS_ORIGINS", "tauri://"],
    ["CORS_ORIGINS", "chrome-extension://abc/"],
    ["CORS_ORIGINS", "file://abc"],
    ["SERVER_KEY", "few-bytes"],
    ["SERVER_KEY", "changeme-changeme-changeme-changeme"],
    ["SERVER_KEY", "your-server-key-goes-here-1234567890"],
    ["SERVER_KEY", "<generate me with openssl rand -base64 32>"],
    ["SERVER_KEY", "todo: openssl rand -base64 32 and nothing else"],
    ["SERVER_KEY", "prod_xxxx_abcdefghijklmnopqrstuvwyz0123456"],
    ["SERVER_KEY", "prodxxxxxxxxxxxxxxxxxxxxxxabcdefghijklmn"],
    ["SERVER_KEY", "a".repeat(44)],
    ["SERVER_KEY", "ababababababababababababababababababab"],
    ["SERVER_KEY_PREVIOUS", "few-bytes"],
    ["LIMITS", "off"],
    ["LIMIT_LOGIN", "0"],
    ["LIMIT_LOGIN", "many"],
    ["ACCESS_TOKEN_SECONDS", "-1"],
    ["ACCESS_TOKEN_SECONDS", "1.5"],
    ["REGISTRATION_POLICY", "maybe"],
    ["PRIVATE_USE_SCHEMES", "no spaces:"],
    ["ISSUER", "https://gatehouse.YOU.workers.dev"],
    ["ENVIRONMENT", "staging"],
    ["ENVIRONMENT", "development"],
  ])("P4 production refuses to serve with %s set to %j", (name, value) => {
    const problems = problemsOf({ ...GOOD, [name]: value });
    expect(problems.join()).toContain(name);
    if (/KEY|URL/.test(name)) expect(problems.join()).not.toContain(value);
  });

  test.each([
    ["ToDo", "q8ToDor1xLw8Nf5Yb2Hc7Jd0Ps4Mg6Ae+Ui/Ok3v9="],
    ["xXxX", "kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4MxXxX+Ui/Ok9qQ="],
  ])("P4 a random key that happens to hold %s is no placeholder", (_, key) => {
    expect(problemsOf({ ...GOOD, SERVER_KEY: key })).toEqual([]);
  });

  test("P4 the previous key may equal the current one, because a rotation can begin that way", () => {
    expect(problemsOf({ ...GOOD, SERVER_KEY_PREVIOUS: KEY })).toEqual([]);
  });

  test("P4 a misspelt variable is refused, because what it should have closed would stay open", () => {
    expect(problemsOf({ ...GOOD, REGISTRATION_POLCY: "closed" })).toEqual([
      "REGISTRATION_POLCY isn't a variable (did you mean REGISTRATION_POLICY?)",
    ]);
    expect(problemsOf({ ...GOOD, cors_origins: "none", CORS_ORIGINS: "" }).join()).toContain(
      "did you mean CORS_ORIGINS",
    );
    expect(problemsOf({ ...GOOD, SOMETHING_ELSE: "x", NODE_ENV: "production" })).toEqual([]);
  });

  test("P4 a setting that works but may be a mistake is warned about", () => {
    const doubtful = {
      ...GOOD,
      FAMILY_SECONDS: "600",
      SESSION_SECONDS: "60",
      ACCENT_COLOUR: "#000000",
      ACCENT_COLOR: "#2b5fd9",
    };
    expect(readConfig(doubtful)).toMatchObject({
      warnings: [
        "ACCENT_COLOUR isn't a variable (did you mean ACCENT_COLOR?)",
        "ACCESS_TOKEN_SECONDS is longer than FAMILY_SECONDS, which ends first",
        "REFRESH_TOKEN_SECONDS is longer than FAMILY_SECONDS, which ends first",
        "SESSION_IDLE_SECONDS is longer than SESSION_SECONDS, which ends first",
      ],
    });
    expect(readConfig(GOOD)).toMatchObject({ warnings: [] });
  });

  test("P4 development needs neither https nor limits, because it serves this machine alone", () => {
    const local = { ...GOOD, ENVIRONMENT: "development", ISSUER: "http://localhost:8787", LIMITS: "off" };
    expect(problemsOf(local)).toEqual([]);
  });

  test("P4 lists are split, and variables that are missing get their defaults", () => {
    const config = readConfig({
      ...GOOD,
      CORS_ORIGINS: "https://a.example, http://localhost:6274 chrome-extension://abc tauri://localhost app://-",
      SERVER_KEY_PREVIOUS: `${KEY}2`,
    });
    expect(config).toMatchObject({
      environment: "production",
      corsOrigins: [
        ...["https://a.example", "http://localhost:6274"],
        ...["chrome-extension://abc", "tauri://localhost", "app://-"],
      ],
      serverKeys: [KEY, `${KEY}2`],
      registrationPolicy: "open",
      limits: { login: 10, token: 30, tokenAddress: 300, register: 5, other: 60 },
      lockout: { failures: 5, maxSeconds: 3600 },
      lifetimes: { codeSeconds: 600, accessSeconds: 3600, refreshSeconds: 2_592_000, familySeconds: 31_536_000 },
      replay: { reuseSeconds: 30, lostAnswerSeconds: 600 },
    });
  });
});
