import { PKCE } from "./pkce.ts";
import { PLAINTEXT } from "./plaintext.ts";
import { REFRESH } from "./refresh.ts";
import { SCOPES } from "./scopes.ts";

/** The shapes of code that each rule of the doctor is for. */
export const SHAPES = Object.entries({
  "source-pkce": PKCE,
  "source-scopes": SCOPES,
  "source-refresh": REFRESH,
  "source-plaintext": PLAINTEXT,
}).flatMap(([rule, shapes]) => shapes.map((shape) => ({ rule, ...shape })));
