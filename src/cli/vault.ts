import { readVaultStatus, rewrapBatch } from "../flows/vault.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, print } from "./output.ts";

/** `vault status` */
export async function vaultStatusCommand(options: OutputOptions): Promise<void> {
  const status = await readVaultStatus(await connect());
  const rows = status.versions.map(({ keyVersion, rows }) => [
    keyVersion,
    keyVersion === status.current ? "VAULT_KEY" : "another key",
    String(rows),
  ]);
  print(options, status, rows.length === 0 ? "The vault is empty." : formatTable(rows));
}

/** `vault rewrap`: repeats until nothing that can be opened needs another key. */
export async function rewrapCommand(options: OutputOptions): Promise<void> {
  const deps = await connect();
  let total = 0;
  for (;;) {
    const { rewrapped, stuck } = await rewrapBatch(deps);
    total += rewrapped;
    if (rewrapped > 0) continue;
    const missing = stuck > 0 ? ` ${stuck} need a key that is neither VAULT_KEY nor VAULT_KEY_PREVIOUS.` : "";
    print(options, { rewrapped: total, stuck }, `${total} wrapped with the current key.${missing}`);
    if (stuck > 0) process.exitCode = 1;
    return;
  }
}
