import type { Changes } from "./model-server.ts";

export type Fault = {
  readonly with: string;
  /** The check that is meant to find it. */
  readonly check: string;
  /** Checks that unavoidably find it too. */
  readonly also?: readonly string[];
  readonly changes: Changes;
};
