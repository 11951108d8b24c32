import type { Context } from "hono";
import type { Deps } from "../deps.ts";
import type { Params } from "../oauth/params.ts";

/** What middleware leaves for the handlers. */
export type AppEnv = {
  Variables: {
    deps: Deps;
    /** The parameters of an OAuth request, from its body. */
    params: Params;
    /** The fields of a page's form. */
    form: URLSearchParams;
  };
};

export type AppContext = Context<AppEnv>;
