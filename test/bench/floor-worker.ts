import { neon, neonConfig } from "@neondatabase/serverless";
import { Redis } from "@upstash/redis/cloudflare";

type Env = {
  readonly DATABASE_URL: string;
  readonly UPSTASH_REDIS_REST_URL: string;
  readonly UPSTASH_REDIS_REST_TOKEN: string;
};

neonConfig.disableWarningInBrowsers = true;
neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;

/** A Worker that only asks the database one question, and at `/both` asks Redis at the same time. */
export default {
  async fetch(request, env) {
    const ask = neon(env.DATABASE_URL)`select ${new URL(request.url).pathname} as path`;
    if (!request.url.endsWith("/both")) return Response.json(await ask);
    const redis = new Redis({
      url: env.UPSTASH_REDIS_REST_URL,
      token: env.UPSTASH_REDIS_REST_TOKEN,
      enableTelemetry: false,
    });
    const [rows] = await Promise.all([ask, redis.incr("floor")]);
    return Response.json(rows);
  },
} satisfies ExportedHandler<Env>;
