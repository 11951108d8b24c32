import { describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";

const KEYS = [
  "kQ3v9ZrT1xLw8Nf5Yb2Hc7Jd0Ps4Mg6Ae+Ui/Ok=",
  "Wm2Lp7Xs9Qe4Rt6Yu1Io3Pa5Sd8Fg0Hj+Kl/Zx=",
  "Bn3Vc8Xz1Mq5Wn7Eb9Rv2Tc4Yx6Uz0Ia+Op/Sd=",
];
const [SERVER_KEY = "", VAULT_KEY = "", OTHER = ""] = KEYS;
const GOOD = {
  ISSUER: "https://auth.example.com",
  DATABASE_URL: "postgres://user:pw@ep-x.eu.neon.tech/gatehouse?sslmode=require",
  UPSTASH_REDIS_REST_URL: "https://eu1.upstash.io",
  UPSTASH_REDIS_REST_TOKEN: "AX8AAIncDE",
  SERVER_KEY,
  CORS_ORIGINS: "none",
};

describe("P4 the vault's key", () => {
  test.each<[string, Record<string, string>, readonly string[]]>([
    ["is optional", {}, []],
    ["is a key of its own", { VAULT_KEY }, []],
    ["can be rotated", { VAULT_KEY, VAULT_KEY_PREVIOUS: OTHER }, []],
    ["can't be the key that signs cookies", { VAULT_KEY: SERVER_KEY }, ["VAULT_KEY is already used as another key"]],
    [
      "can't be the previous key",
      { VAULT_KEY, VAULT_KEY_PREVIOUS: VAULT_KEY },
      ["VAULT_KEY is already used as another key"],
    ],
    [
      "can't be missing where the previous key is set",
      { VAULT_KEY_PREVIOUS: OTHER },
      ["VAULT_KEY_PREVIOUS needs a VAULT_KEY"],
    ],
  ])("P4 the vault's key %s", (_, vars, problems) => {
    const config = readConfig({ ...GOOD, ...vars });
    expect("problems" in config ? config.problems : []).toEqual(problems);
  });
});
