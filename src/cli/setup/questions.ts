import {
  findDatabaseTrouble,
  findOriginsProblem,
  findRedisTrouble,
  findRedisUrlProblem,
  findUrlTrouble,
} from "./answer-checks.ts";
import { type Answers, readUrl } from "./answers.ts";

/** A question of `setup`, and how an answer is checked before the next question. */
export type Question = {
  readonly name: keyof Answers;
  readonly message: string;
  readonly placeholder: string;
  /** The flag that answers it. A secret has none, since others on this machine can read arguments. */
  readonly flag: string | null;
  /** The variable that answers it. */
  readonly variable: string;
  /** The answer in the form in which it is stored, or what is wrong with it. */
  readonly read: (text: string, env: string | undefined) => string | { readonly problem: string };
  /** What is wrong with the service that it names, or null. `before` holds the earlier answers. */
  readonly check: (value: string, before: Partial<Answers>) => Promise<string | null>;
};

const unless = (text: string, problem: string | null) => (problem === null ? text : { problem });
const nothing = async () => null;

export const QUESTIONS: readonly Question[] = [
  {
    name: "url",
    message: "Where will people reach it? A domain of your Cloudflare account, or your workers.dev subdomain",
    placeholder: "auth.example.com",
    flag: "--url",
    variable: "ISSUER",
    read: readUrl,
    check: findUrlTrouble,
  },
  {
    name: "databaseUrl",
    message: "The connection string of your Neon database",
    placeholder: "postgres://…",
    flag: null,
    variable: "DATABASE_URL",
    read: (text) => text.trim(),
    check: findDatabaseTrouble,
  },
  {
    name: "redisUrl",
    message: "The REST URL of your Upstash Redis",
    placeholder: "https://eu1-….upstash.io",
    flag: "--redis-url",
    variable: "UPSTASH_REDIS_REST_URL",
    read: (text) => {
      const url = text.trim().replace(/\/$/, "");
      return unless(url, findRedisUrlProblem(url));
    },
    check: nothing,
  },
  {
    name: "redisToken",
    message: "Its REST token",
    placeholder: "",
    flag: null,
    variable: "UPSTASH_REDIS_REST_TOKEN",
    read: (text) => text.trim(),
    check: (token, { redisUrl = "" }) => findRedisTrouble(redisUrl, token),
  },
  {
    name: "origins",
    message:
      "Which browser origins may call it? Apps that run in a web page need theirs here. If there are none, answer none",
    placeholder: "none",
    flag: "--origins",
    variable: "CORS_ORIGINS",
    read: (text) => {
      const origins = text.trim() || "none";
      return unless(origins, findOriginsProblem(origins));
    },
    check: nothing,
  },
];
