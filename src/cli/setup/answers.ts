import { privateFile, readPrivate, writePrivate } from "../private-file.ts";
import { environmentFlag, workerName } from "../wrangler.ts";

/** The settings that `setup` can't know and asks for. */
export type Answers = {
  /** The issuer, which is the URL at which people reach the deployment. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisToken: string;
  /** Browser origins, or `none`. */
  readonly origins: string;
};

const settingsFileOf = (env: string | undefined): string => privateFile(env, "");

/** The answers for the next deployment. They lie beside the keys, since the database's password is among them. */
export const readSettings = (env: string | undefined): Promise<Partial<Answers> | null> =>
  readPrivate<Partial<Answers>>(settingsFileOf(env));

export const keepSettings = (env: string | undefined, answers: Answers): Promise<void> =>
  writePrivate(settingsFileOf(env), answers);

/** The Worker's variables that aren't secrets. */
export const variablesOf = ({ url, origins }: Answers): Readonly<Record<string, string>> => ({
  ISSUER: url,
  CORS_ORIGINS: origins,
});

/** The answers that become secrets of the Worker. */
export const answeredSecrets = ({ databaseUrl, redisUrl, redisToken }: Answers): Readonly<Record<string, string>> => ({
  DATABASE_URL: databaseUrl,
  UPSTASH_REDIS_REST_URL: redisUrl,
  UPSTASH_REDIS_REST_TOKEN: redisToken,
});

/** The URL that an answer means: a URL, a domain, or a workers.dev subdomain. */
export function readUrl(text: string, env: string | undefined): string | { readonly problem: string } {
  const typed = text.trim().replace(/\/+$/, "");
  const name = /^([a-z\d][a-z\d-]*)(\.workers\.dev)?$/i.exec(typed)?.[1];
  const url = name
    ? `https://${workerName(env)}.${name.toLowerCase()}.workers.dev`
    : typed.replace(/^(?!\w+:\/\/)/, "https://");
  if (!URL.canParse(url) || new URL(url).origin !== url.toLowerCase())
    return { problem: "That is neither a domain like auth.example.com nor a workers.dev subdomain." };
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== "https:") return { problem: "A deployment has an https URL." };
  if (port && !isThisMachine(hostname))
    return { problem: "Cloudflare serves https on the standard port. Leave the port out." };
  if (/^\d|^\[/.test(hostname.split(".").at(-1) ?? ""))
    return { problem: "A deployment has a name, not an IP address." };
  return url.toLowerCase();
}

export const isThisMachine = (hostname: string): boolean => hostname === "localhost";

/** The arguments for wrangler: these variables, and a custom domain if the URL names one. */
export function deployArgs(answers: Answers, env: string | undefined): readonly string[] {
  const { hostname } = new URL(answers.url);
  const isOwn = !hostname.endsWith(".workers.dev") && !isThisMachine(hostname);
  const variables = Object.entries(variablesOf(answers)).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  return ["deploy", environmentFlag(env), ...variables, ...(isOwn ? ["--domain", hostname] : [])];
}
