import type { Answer } from "../answer.ts";
import type { Returned } from "./callback.ts";

/** Requests with somebody's account, keyed by what is wrong with them. */
export type AccountProbe =
  | "exchange"
  | "wrong verifier"
  | "challenge as verifier"
  | "redirect suffix"
  | "replay"
  | "access after replay"
  | "access"
  | "tampered"
  | "query"
  | "other server's token there"
  | "other server's token here"
  | "token at other server"
  | "other resource"
  | "access with other resource"
  | "refresh"
  | "refresh reused"
  | "access after reuse"
  | "revocation"
  | "access after revocation";

/** Authorization requests that a browser takes to a server that knows its person. Null if nothing came back. */
export type VisitProbe = "no challenge" | "plain" | "suffix";

/** What was seen with an account. */
export type AccountEvidence = {
  /** The answer to a sign-in and the state that it had. Null if only a token was given. */
  readonly signIn: { readonly returned: Returned; readonly state: string } | null;
  readonly answers: ReadonlyMap<AccountProbe, Answer>;
  readonly visits: ReadonlyMap<VisitProbe, Returned | null>;
  /** Secrets that a report must not contain. */
  readonly secrets: readonly string[];
};
