import { randomBytes } from "node:crypto";
import { privateFile, readPrivate, writePrivate } from "./private-file.ts";

/** The keys of a deployment. Cloudflare shows a secret to nobody, so this machine has the only readable copy. */
export type KeptKeys = {
  readonly SERVER_KEY: string;
  readonly SERVER_KEY_PREVIOUS?: string;
  readonly VAULT_KEY?: string;
  readonly VAULT_KEY_PREVIOUS?: string;
  /** When SERVER_KEY replaced SERVER_KEY_PREVIOUS. */
  readonly rotatedAt?: string;
};

export const keyFileOf = (env: string | undefined): string => privateFile(env, "-keys");

export const readKeys = (file: string): Promise<KeptKeys | null> => readPrivate<KeptKeys>(file);

export const keepKeys = (file: string, keys: KeptKeys): Promise<void> => writePrivate(file, keys);

/** 256 random bits. */
export const newKey = (): string => randomBytes(32).toString("base64");
