import { findDoubts, findMisspelt, sayMisspelt } from "./lib/config-doubts.ts";
import {
  httpsUrl,
  imageUrl,
  KNOWN_SCHEMES,
  listOf,
  serverKey,
  webhookSecret,
  wholeNumber,
} from "./lib/config-values.ts";
import { type Dataset, isDataset } from "./lib/data-points.ts";
import { isOrigin } from "./lib/origin.ts";
import { isPlaceholderName } from "./lib/placeholder.ts";
import * as z from "./lib/schema.ts";
import { findWebhookProblem } from "./lib/webhook.ts";

/** The Worker's variables and secrets, as Cloudflare hands them over. */
export type Env = Readonly<Record<string, unknown>>;

/** An image: its media type and its bytes in base64. */
type Logo = { readonly type: string; readonly base64: string };

export type Config = {
  readonly environment: "production" | "development";
  /** The name and looks by which people know this deployment. */
  readonly name: string;
  /** `#rrggbb`. The stylesheet makes a light and a dark shade of it that are both readable. */
  readonly accentColor: string;
  /** The owner's logo, which replaces ours. */
  readonly logo: Logo | null;
  readonly issuer: string;
  /** True until the owner confirms the issuer. Until then, the issuer is only the address of the current request. */
  readonly isIssuerUnconfirmed: boolean;
  readonly databaseUrl: string;
  readonly redis: { readonly url: string; readonly token: string };
  /** The current server key, then the previous one while keys are being rotated. */
  readonly serverKeys: readonly [string, ...string[]];
  /**
   * The keys that wrap the vault's data keys: the current one, then the previous one during a rotation. Empty without
   * providers.
   */
  readonly vaultKeys: readonly string[];
  /** Browser origins that may call the JSON endpoints. Development also allows this machine. */
  readonly corsOrigins: readonly string[];
  readonly registrationPolicy: "open" | "token" | "closed";
  readonly privateUseSchemes: readonly string[];
  readonly lifetimes: {
    readonly codeSeconds: number;
    readonly deviceCodeSeconds: number;
    readonly accessSeconds: number;
    readonly refreshSeconds: number;
    readonly familySeconds: number;
    readonly sessionIdleSeconds: number;
    readonly sessionSeconds: number;
  };
  readonly auditDays: number;
  /** Where counts and measurements go, if the owner has bound a dataset as METRICS. */
  readonly dataset: Dataset | null;
  /** The address that names the latest release, or null if the owner has turned the check off. */
  readonly releaseUrl: string | null;
  /** Where the owner is told of apps that wait for approval, or null if they set no webhook. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
  /** The most requests that one run of the clean-up may make, since every Workers plan has a limit. */
  readonly cleanUpRequests: number;
  readonly replay: { readonly reuseSeconds: number; readonly lostAnswerSeconds: number };
  readonly lockout: { readonly failures: number; readonly maxSeconds: number };
  /** Settings that work but may not be what the owner meant, for the log. */
  readonly warnings: readonly string[];
  /** The most clients in all that may have registered themselves and never been used. */
  readonly maxUnusedClients: number;
  /** Requests a minute, or a day where the name says so. Null where limits are off. */
  readonly limits: Readonly<Record<LimitName, number>> | null;
};

type LimitName =
  | ("login" | "token" | "tokenAddress" | "register" | "registerAddress" | "registerDay")
  | ("userCode" | "toolCalls" | "other" | "otherAddress");

const DAY = 24 * 60 * 60;

const isLocal = (url: URL) => ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);

const schema = z.object({
  ENVIRONMENT: z._default(z.enum(["production", "development"]), "production"),
  ISSUER: z.string("is missing").check(
    z.refine((text) => URL.canParse(text) && !/[?#]/.test(text), "is not a URL without query and fragment"),
    z.refine((text) => !text.endsWith("/"), "ends in a slash, which an issuer must not"),
    z.refine((text) => !/\/\/[^/]*@/.test(text), "has userinfo"),
    z.refine(
      (text) => !/\bYOU\b|\byou\.workers\.dev/.test(text),
      "still says YOU, which stands for your workers.dev subdomain",
    ),
  ),
  DEPLOYMENT_NAME: z._default(
    z.string().check(z.trim(), z.minLength(1, "is empty"), z.maxLength(60, "is longer than 60 characters")),
    "Gatehouse",
  ),
  ACCENT_COLOR: z._default(z.string().check(z.regex(/^#[\da-f]{6}$/i, "is not a colour like #2b5fd9")), "#2b5fd9"),
  LOGO: z.optional(imageUrl),
  DATABASE_URL: z
    .string("is missing")
    .check(
      z.regex(/^postgres(ql)?:\/\/[^:@/]+:[^@]+@[^/]+\/.+$/, "is not a Postgres URL"),
      z.refine(URL.canParse, "is not a Postgres URL"),
    ),
  UPSTASH_REDIS_REST_URL: z.string("is missing").check(z.regex(/^https?:\/\/\S+$/, "is not a URL")),
  UPSTASH_REDIS_REST_TOKEN: z.string("is missing").check(z.minLength(1, "is empty")),
  SERVER_KEY: serverKey,
  SERVER_KEY_PREVIOUS: z.optional(serverKey),
  VAULT_KEY: z.optional(serverKey),
  VAULT_KEY_PREVIOUS: z.optional(serverKey),
  CORS_ORIGINS: z.pipe(
    z.pipe(
      z.string("is missing (list the origins of browser clients, or set it to none)"),
      z.transform((text) => (text.trim() === "none" ? "" : text)),
    ),
    listOf("an origin like https://app.example or tauri://localhost", isOrigin),
  ),
  REGISTRATION_POLICY: z._default(z.enum(["open", "token", "closed"]), "open"),
  PRIVATE_USE_SCHEMES: z._default(
    listOf("a scheme like cursor", (item) => /^[a-z][a-z0-9+.-]*$/.test(item)),
    KNOWN_SCHEMES,
  ),
  CODE_SECONDS: wholeNumber(600, 1),
  DEVICE_CODE_SECONDS: wholeNumber(600, 60),
  ACCESS_TOKEN_SECONDS: wholeNumber(3600, 1),
  REFRESH_TOKEN_SECONDS: wholeNumber(30 * DAY, 1),
  FAMILY_SECONDS: wholeNumber(365 * DAY, 1),
  SESSION_IDLE_SECONDS: wholeNumber(DAY / 2, 1),
  SESSION_SECONDS: wholeNumber(30 * DAY, 1),
  REFRESH_REUSE_SECONDS: wholeNumber(30, 0),
  REFRESH_LOST_ANSWER_SECONDS: wholeNumber(600, 0),
  LIMITS: z._default(z.enum(["on", "off"]), "on"),
  LOCKOUT_FAILURES: wholeNumber(5, 1),
  LOCKOUT_MAX_SECONDS: wholeNumber(3600, 60),
  AUDIT_DAYS: wholeNumber(365, 1),
  RELEASE_URL: z.optional(httpsUrl),
  WEBHOOK_URL: z.optional(z.string().check(z.refine(URL.canParse, "is not a URL"))),
  WEBHOOK_SECRET: z.optional(webhookSecret),
  CLEAN_UP_REQUESTS: wholeNumber(40, 1),
  LIMIT_LOGIN: wholeNumber(10, 1),
  LIMIT_TOKEN: wholeNumber(30, 1),
  LIMIT_TOKEN_ADDRESS: wholeNumber(300, 1),
  LIMIT_REGISTER: wholeNumber(5, 1),
  LIMIT_REGISTER_ADDRESS: wholeNumber(60, 1),
  LIMIT_REGISTER_DAY: wholeNumber(300, 1),
  LIMIT_USER_CODE: wholeNumber(10, 1),
  LIMIT_TOOL_CALLS: wholeNumber(3000, 1),
  LIMIT_OTHER: wholeNumber(60, 1),
  LIMIT_OTHER_ADDRESS: wholeNumber(300, 1),
  MAX_UNUSED_CLIENTS: wholeNumber(1000, 1),
});

/** Everything that is wrong with the environment. It names variables and never their values. */
export type ConfigProblems = { readonly problems: readonly string[] };

/** Stands in for the issuer of a deployment whose variables name none. */
type IssuerElsewhere = { readonly issuer: string; readonly isConfirmed: boolean };

export const isDevelopment = (env: Env): boolean => env["ENVIRONMENT"] === "development";

export const namesIssuer = (env: Env): boolean => typeof env["ISSUER"] === "string" && env["ISSUER"] !== "";

/** Reads and validates the whole environment, so that one refusal names every fault instead of one at a time. */
export function readConfig(env: Env, elsewhere: IssuerElsewhere | null = null): Config | ConfigProblems {
  const strings = Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const given = new Map(strings.filter(([, value]) => value !== ""));
  const misspelt = findMisspelt([...given.keys()], Object.keys(schema.shape));
  // If the right name has a value too, the wrong one is only left over.
  const lost = misspelt.filter(({ meant }) => !given.has(meant)).map(sayMisspelt);
  const issuer = given.get("ISSUER") ?? elsewhere?.issuer;
  const parsed = schema.safeParse({ ...Object.fromEntries(given), ...(issuer ? { ISSUER: issuer } : {}) });
  if (!parsed.success) {
    return { problems: [...parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`), ...lost] };
  }
  const values = parsed.data;
  const problems = [...findProblemsBetween(values), ...lost];
  if (problems.length > 0) return { problems };
  return {
    environment: values.ENVIRONMENT,
    name: values.DEPLOYMENT_NAME,
    accentColor: values.ACCENT_COLOR,
    logo: values.LOGO ?? null,
    issuer: values.ISSUER,
    isIssuerUnconfirmed: !given.has("ISSUER") && elsewhere?.isConfirmed === false,
    databaseUrl: values.DATABASE_URL,
    redis: { url: values.UPSTASH_REDIS_REST_URL, token: values.UPSTASH_REDIS_REST_TOKEN },
    serverKeys: [values.SERVER_KEY, ...(values.SERVER_KEY_PREVIOUS ? [values.SERVER_KEY_PREVIOUS] : [])],
    vaultKeys: [values.VAULT_KEY, values.VAULT_KEY_PREVIOUS].filter((key) => key !== undefined),
    corsOrigins: values.CORS_ORIGINS,
    registrationPolicy: values.REGISTRATION_POLICY,
    privateUseSchemes: values.PRIVATE_USE_SCHEMES,
    lifetimes: {
      codeSeconds: values.CODE_SECONDS,
      deviceCodeSeconds: values.DEVICE_CODE_SECONDS,
      accessSeconds: values.ACCESS_TOKEN_SECONDS,
      refreshSeconds: values.REFRESH_TOKEN_SECONDS,
      familySeconds: values.FAMILY_SECONDS,
      sessionIdleSeconds: values.SESSION_IDLE_SECONDS,
      sessionSeconds: values.SESSION_SECONDS,
    },
    replay: { reuseSeconds: values.REFRESH_REUSE_SECONDS, lostAnswerSeconds: values.REFRESH_LOST_ANSWER_SECONDS },
    lockout: { failures: values.LOCKOUT_FAILURES, maxSeconds: values.LOCKOUT_MAX_SECONDS },
    auditDays: values.AUDIT_DAYS,
    dataset: isDataset(env["METRICS"]) ? env["METRICS"] : null,
    releaseUrl: values.RELEASE_URL ?? null,
    webhook: values.WEBHOOK_URL ? { url: values.WEBHOOK_URL, secret: values.WEBHOOK_SECRET ?? "" } : null,
    cleanUpRequests: values.CLEAN_UP_REQUESTS,
    maxUnusedClients: values.MAX_UNUSED_CLIENTS,
    warnings: [...misspelt.map(sayMisspelt), ...findDoubts(values)],
    limits:
      values.LIMITS === "off"
        ? null
        : {
            login: values.LIMIT_LOGIN,
            token: values.LIMIT_TOKEN,
            tokenAddress: values.LIMIT_TOKEN_ADDRESS,
            register: values.LIMIT_REGISTER,
            registerAddress: values.LIMIT_REGISTER_ADDRESS,
            registerDay: values.LIMIT_REGISTER_DAY,
            userCode: values.LIMIT_USER_CODE,
            toolCalls: values.LIMIT_TOOL_CALLS,
            other: values.LIMIT_OTHER,
            otherAddress: values.LIMIT_OTHER_ADDRESS,
          },
  };
}

function findProblemsBetween(values: z.output<typeof schema>): string[] {
  const { ISSUER, VAULT_KEY, VAULT_KEY_PREVIOUS, SERVER_KEY, SERVER_KEY_PREVIOUS, UPSTASH_REDIS_REST_URL } = values;
  const issuer = new URL(ISSUER);
  const others = [VAULT_KEY_PREVIOUS, SERVER_KEY, SERVER_KEY_PREVIOUS];
  const isDeployed = values.ENVIRONMENT === "production";
  const webhook = findWebhookProblem(values.WEBHOOK_URL, values.WEBHOOK_SECRET, isDeployed ? issuer.hostname : null);
  const faults: readonly (readonly [boolean, string])[] = [
    [VAULT_KEY_PREVIOUS !== undefined && !VAULT_KEY, "VAULT_KEY_PREVIOUS needs a VAULT_KEY"],
    // The vault's key has to differ from the keys that sign cookies. That separation is the point of the vault.
    [VAULT_KEY !== undefined && others.includes(VAULT_KEY), "VAULT_KEY is already used as another key"],
    [webhook !== null, webhook ?? ""],
    [!isDeployed && !isLocal(issuer), "ENVIRONMENT is development, but ISSUER is not on this machine"],
    [isDeployed && issuer.protocol !== "https:", "ISSUER has to be an https URL"],
    [isDeployed && isPlaceholderName(values.UPSTASH_REDIS_REST_TOKEN), "UPSTASH_REDIS_REST_TOKEN is a placeholder"],
    [isDeployed && isPlaceholderName(new URL(values.DATABASE_URL).password), "DATABASE_URL has a placeholder password"],
    [isDeployed && values.LIMITS === "off", "LIMITS can only be off in development"],
    [isDeployed && !UPSTASH_REDIS_REST_URL.startsWith("https:"), "UPSTASH_REDIS_REST_URL has to be an https URL"],
  ];
  return faults.filter(([fails]) => fails).map(([, problem]) => problem);
}
