import { createMiddleware } from "hono/factory";
import { OAuthError } from "../../oauth/errors.ts";
import type { AppContext, AppEnv } from "../app-env.ts";

/** Keeps an answer out of every cache. */
export const noStore = createMiddleware<AppEnv>(async (c, next) => {
  c.header("Cache-Control", "no-store");
  c.header("Pragma", "no-cache");
  await next();
});

/** Marks an answer as a page for people. */
export const forPeople = createMiddleware<AppEnv>(async (c, next) => {
  c.set("isPage", true);
  await next();
});

/** Answers a request that uses another method than the endpoint's. */
export const refuseMethod = (allowed: "GET" | "POST") => (c: AppContext) => {
  c.header("Allow", `${allowed}, OPTIONS`);
  throw new OAuthError("invalid_request", `This endpoint accepts only ${allowed}.`, {
    status: 405,
    reason: "method_not_allowed",
  });
};
