import type { Context } from "hono";
import type { Deps } from "../deps.ts";
import type { Session } from "../flows/login/session.ts";
import type { Params } from "../oauth/params.ts";

/** What middleware leaves for the handlers. */
export type AppEnv = {
  Variables: {
    deps: Deps;
    /** The body of a request that has one, within its limit. */
    body: Uint8Array;
    /** Whether people see the answer. */
    isPage: boolean;
    /** The parameters of an OAuth request, from its body. */
    params: Params;
    /** The app that an authorization request names, also where that isn't in the address. */
    clientId: string | null;
    /** The fields of a page's form. */
    form: URLSearchParams;
    /** The nonce that this answer sets, see `bindBrowser`. */
    nonce: string;
    /** Who is signed in, behind `signedIn`. */
    session: Session;
  };
};

export type AppContext = Context<AppEnv>;
