import type { Context } from "hono";
import type { Deps } from "../deps.ts";
import type { Session } from "../flows/login/session.ts";
import type { Params } from "../oauth/params.ts";

/** What middleware passes on to the handlers. */
export type AppEnv = {
  Variables: {
    deps: Deps;
    /** The body of a request, within its size limit. */
    body: Uint8Array;
    /** Whether the answer is a page for people. */
    isPage: boolean;
    /** The parameters of an OAuth request, from its body. */
    params: Params;
    /** The app that an authorization request names, even if the address of the current page doesn't. */
    clientId: string | null;
    /** The fields of a page's form. */
    form: URLSearchParams;
    /** The nonce that this answer sets as a cookie, see `bindBrowser`. */
    nonce: string;
    /** The signed-in person, behind `signedIn`. */
    session: Session;
  };
};

export type AppContext = Context<AppEnv>;
