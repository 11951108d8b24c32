import type { Deps } from "../deps.ts";
import { isUnavailable } from "../lib/unavailable.ts";
import { rewrap } from "../lib/vault.ts";
import { countWrappedRows, listWrappedRows, updateWrappedKey, type VaultCount } from "../store/vault-rows.ts";

type VaultDeps = Pick<Deps, "db" | "vault">;

const BATCH = 100;
/** How many rows one run of the cron may wrap. The next run goes on. */
const MAX_BATCHES = 5;

/** What can be known about the vault without opening anything. */
type VaultStatus = { readonly current: string; readonly versions: readonly VaultCount[] };

export const readVaultStatus = async ({ db, vault }: VaultDeps): Promise<VaultStatus> => ({
  current: await currentVersion(vault),
  versions: await countWrappedRows(db),
});

/** The version of the key that the vault wraps under now. */
const currentVersion = async (vault: Deps["vault"]): Promise<string> =>
  (await vault.wrap(new Uint8Array(32))).keyVersion;

/** How many were wrapped anew, and how many need a key that is missing. */
type Rewrapped = { readonly rewrapped: number; readonly stuck: number };

/**
 * Wraps a bounded number of data keys under the current vault key. What they seal isn't touched, so nobody has to sign
 * in again. A row that is refreshed or linked again meanwhile already has the new key, and is left alone.
 */
export async function rewrapBatch({ db, vault }: VaultDeps, limit = BATCH): Promise<Rewrapped> {
  let [rewrapped, stuck] = [0, 0];
  for (const row of await listWrappedRows(db, await currentVersion(vault), limit)) {
    try {
      if (await updateWrappedKey(db, row, await rewrap(vault, row.secret))) rewrapped++;
    } catch (error) {
      if (!isUnavailable(error) || error.service !== "vault") throw error;
      stuck++;
    }
  }
  return { rewrapped, stuck };
}

/** Continues a rotation, if there is one. */
export async function rewrapOnSchedule(deps: Deps): Promise<void> {
  if (deps.config.vaultKeys.length < 2) return;
  for (let batches = 0; batches < MAX_BATCHES; batches++) {
    const { rewrapped, stuck } = await rewrapBatch(deps);
    deps.log({ level: stuck > 0 ? "warn" : "info", event: "vault_rewrapped", rewrapped, stuck });
    if (rewrapped === 0) return;
  }
}
