import { text } from "node:stream/consumers";
import askPassword from "@inquirer/password";
import type { Account } from "../doctor/account/ask-account.ts";
import { type CallbackListener, listenForCallbacks, type Returned } from "../doctor/account/callback.ts";
import { openBrowser } from "./browser.ts";

export type AccountOptions = { readonly email?: string; readonly token?: boolean };

type LentAccount = {
  readonly account: Account | null;
  /** Where the browser's answers arrive. */
  readonly redirectUri: string | null;
  readonly end: () => void;
};

const MINUTES = 10;

/** What the person lends to the doctor: a browser that signs in, a token, or nothing. */
export async function borrowAccount({ email, token }: AccountOptions, registered: string | null): Promise<LentAccount> {
  if (token) return { account: { kind: "token", token: await readToken() }, redirectUri: null, end: () => {} };
  if (!email) return { account: null, redirectUri: null, end: () => {} };
  const listener = await listenForCallbacks(registered);
  const browser = {
    signIn: (url: URL) => visit(url, "Sign in here and allow what it asks for:", listener),
    expectRefusal: async (url: URL) => {
      const enter = listenForEnter();
      const returned = visit(url, "This has to be refused. Press Enter when you see an error:", listener);
      return Promise.race([returned, enter.pressed]).finally(enter.stop);
    },
  };
  console.error(
    "A browser opens five to eight times: to sign in and allow access, and with three requests that have to be refused.\n",
  );
  return { account: { kind: "browser", email, browser }, redirectUri: listener.redirectUri, end: listener.stop };
}

/** The token isn't an argument, since those are in the list of processes. */
async function readToken(): Promise<string> {
  const typed = process.stdin.isTTY ? await askPassword({ message: "Access token" }) : await text(process.stdin);
  const token = typed.trim();
  if (!/^[\w.~+/=-]+$/.test(token)) throw new Error("That isn't an access token.");
  return token;
}

function visit(url: URL, sentence: string, listener: CallbackListener): Promise<Returned> {
  console.error(`${sentence}\n\n  ${url}\n`);
  openBrowser(url.href);
  const tooLong = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`Nobody came back within ${MINUTES} minutes.`)), MINUTES * 60_000).unref();
  });
  return Promise.race([listener.next(), tooLong]);
}

/** Enter means that nothing came back, because an error page was shown. So does the end of piped input. */
function listenForEnter() {
  const { stdin } = process;
  let press: () => void = () => {};
  const pressed = new Promise<null>((resolve) => {
    press = () => resolve(null);
    stdin.once("data", press).once("end", press).resume();
  });
  // A stream that is still being read would keep the program from ending.
  const stop = () => stdin.off("data", press).off("end", press).pause();
  return { pressed, stop };
}
