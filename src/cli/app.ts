import { changeAppRule, readAppRequests, readAppRules } from "../flows/admin/app-rules.ts";
import { setClientStatus } from "../flows/admin/status.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

/** `app policy [kind] [decision] [host]`: the rules, or one that is set or taken away. */
export async function appPolicyCommand(
  kind: string | undefined,
  decision: string | undefined,
  host: string | undefined,
  options: OutputOptions,
): Promise<void> {
  const deps = await connect();
  if (kind === undefined) return listRules(await readAppRules(deps), options);
  const outcome = orFail(await changeAppRule(deps, kind, decision ?? "", host ?? "*"));
  print(options, outcome, DONE[decision ?? ""] ?? "Taken away.");
}

function listRules(rules: Awaited<ReturnType<typeof readAppRules>>, options: OutputOptions): void {
  const rows = rules.map(({ kind, decision, pattern }) => [kind, decision, pattern]);
  print(options, { rules }, rows.length === 0 ? "There is no rule: every app is welcome." : formatTable(rows));
}

const DONE: Readonly<Record<string, string>> = {
  welcome: "Such apps come in.",
  ask: "Such apps have to wait for your decision.",
  refuse: "Such apps are kept out, and their connections have ended.",
};

/** `app requests` */
export async function appRequestsCommand(options: OutputOptions): Promise<void> {
  const requests = await readAppRequests(await connect());
  const rows = requests.map((each) => [
    each.clientId,
    each.clientName,
    each.redirectHost ?? "a device",
    each.email,
    each.resourceName,
    each.id.slice(0, 8),
  ]);
  print(options, { requests }, rows.length === 0 ? "No app is waiting." : formatTable(rows));
}

/** `app approve` and `app refuse` */
export const decideAppCommand =
  (change: "approve" | "block") =>
  async (id: string, options: OutputOptions): Promise<void> => {
    const outcome = orFail(await setClientStatus(await connect(), id, change));
    print(
      options,
      outcome,
      change === "approve" ? "Approved. People who were waiting can continue." : "Refused. Nobody can connect it.",
    );
  };
