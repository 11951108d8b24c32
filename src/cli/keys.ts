import { rm } from "node:fs/promises";
import { type KeptKeys, keepKeys, keyFileOf, newKey, readKeys } from "./kept-keys.ts";
import { type OutputOptions, print } from "./output.ts";
import { putSecrets } from "./wrangler.ts";

type RotateOptions = OutputOptions & { readonly keyFile?: string; readonly env?: string; readonly now?: boolean };

/**
 * As long as forms of people who are signing in may stay open, since they are sealed under the key that was current.
 */
const BETWEEN_ROTATIONS_MS = 60 * 60 * 1000;

/**
 * `keys rotate`: makes a new SERVER_KEY, and the current one becomes SERVER_KEY_PREVIOUS. Both reach the Worker in one
 * call. With the new key alone, it couldn't open what people have open.
 */
export async function rotateKeysCommand({ keyFile, env, now, ...output }: RotateOptions): Promise<void> {
  const file = keyFile ?? keyFileOf(env);
  const pendingFile = `${file}.pending`;
  const kept = await readKeys(file);
  const pending = await readKeys(pendingFile);
  if (!pending && !now) refuseTooSoon(kept);
  const keys = pending ?? rotate(kept, file);
  // Stored before wrangler is called: if that call is cut off, the Worker has either pair, and repeating the call with
  // this one is right for both.
  await keepKeys(pendingFile, keys);
  const { SERVER_KEY, SERVER_KEY_PREVIOUS = "" } = keys;
  await putSecrets({ SERVER_KEY, SERVER_KEY_PREVIOUS }, env).catch((error: Error) => {
    throw new Error(
      `${error.message}\nIt isn't known which keys the Worker has. Both pairs are stored, in ${file} and ${pendingFile}. Run this again to send the same new pair.`,
    );
  });
  await keepKeys(file, keys);
  await rm(pendingFile);
  print(
    output,
    { keyFile: file },
    `The Worker has a new SERVER_KEY. The previous one stays good until the next rotation. Both are stored in ${file}.`,
  );
}

function rotate(kept: KeptKeys | null, file: string): KeptKeys {
  const previous = process.env["SERVER_KEY"] || kept?.SERVER_KEY;
  if (!previous) throw new Error(`Put the current key into the variable SERVER_KEY, since ${file} doesn't have it.`);
  return { ...kept, SERVER_KEY: newKey(), SERVER_KEY_PREVIOUS: previous, rotatedAt: new Date().toISOString() };
}

/** A second rotation would remove the key that seals what people have open now. */
function refuseTooSoon(kept: KeptKeys | null): void {
  if (!kept?.rotatedAt) return;
  const again = new Date(Date.parse(kept.rotatedAt) + BETWEEN_ROTATIONS_MS);
  if (again.getTime() > Date.now())
    throw new Error(
      `The last rotation was at ${kept.rotatedAt}. Wait until ${again.toISOString()}, or use --now if the previous key has leaked. People who are just signing in will have to start again.`,
    );
}
