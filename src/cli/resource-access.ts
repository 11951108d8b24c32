import {
  allowAccess,
  findAccessRule,
  findResourceId,
  readAccessRules,
  removeAccess,
  setOpenness,
} from "../flows/admin/access-rules.ts";
import type { AccessSubject } from "../store/access-rules.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

type SubjectOptions = OutputOptions & { readonly user?: string; readonly group?: string; readonly everybody?: boolean };

/** The person, the group or everybody, only one of them. */
function readSubject({ user, group, everybody }: SubjectOptions): AccessSubject {
  if ([user, group, everybody].filter((given) => given !== undefined).length !== 1)
    throw new Error("Use exactly one of --user, --group and --everybody.");
  if (user !== undefined) return { kind: "person", email: user };
  return group === undefined ? { kind: "everybody" } : { kind: "group", name: group };
}

async function findServer(uri: string) {
  const deps = await connect();
  const id = await findResourceId(deps, uri);
  if (id === null) throw new Error("There is no such server.");
  return { deps, id };
}

/** `resource open URI` and `resource restrict URI` */
export const openResourceCommand =
  (isOpen: boolean) =>
  async (uri: string, options: OutputOptions): Promise<void> => {
    const { deps, id } = await findServer(uri);
    const outcome = orFail(await setOpenness(deps, id, isOpen));
    print(options, outcome, isOpen ? "It is now for everybody." : "It is now only for those whom its rules name.");
  };

/** `resource allow URI` */
export async function allowAccessCommand(
  uri: string,
  { scope, ...options }: SubjectOptions & { readonly scope: readonly string[] },
): Promise<void> {
  const { deps, id } = await findServer(uri);
  print(options, orFail(await allowAccess(deps, id, readSubject(options), scope)), "They may use it.");
}

/** `resource disallow URI` */
export async function removeAccessCommand(uri: string, options: SubjectOptions): Promise<void> {
  const { deps, id } = await findServer(uri);
  const rule = await findAccessRule(deps, id, readSubject(options));
  if (!rule) throw new Error("There is no such rule.");
  print(
    options,
    orFail(await removeAccess(deps, id, rule.id)),
    "Removed, together with access that they had only through it.",
  );
}

/** `resource access URI` */
export async function listAccessCommand(uri: string, options: OutputOptions): Promise<void> {
  const { deps, id } = await findServer(uri);
  const rules = await readAccessRules(deps, id);
  const rows = rules.map(({ kind, name, scopes }) => [kind, name ?? "", scopes?.join(" ") ?? "all scopes"]);
  print(options, { rules }, rows.length === 0 ? "It has no rules." : formatTable(rows));
}
