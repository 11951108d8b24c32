import { addGroup, addToGroup, readGroup, readGroupPage, removeFromGroup, removeGroup } from "../flows/admin/groups.ts";
import type { PageOf } from "../flows/admin/page.ts";
import type { Group } from "../store/groups.ts";
import { connect } from "./database-connection.ts";
import { formatTable, type OutputOptions, orFail, print } from "./output.ts";

/** `group list`, and `group list NAME` for its members */
export async function listGroupsCommand(name: string | undefined, options: OutputOptions): Promise<void> {
  if (name !== undefined) {
    const { group } = await find(name);
    return print(options, group, group.members.join("\n") || "Nobody is in it.");
  }
  const groups = await readAll();
  const rows = groups.map(({ name, people, follows, servers }) => [
    name,
    `${people} people`,
    follows ? `${follows.provider} ${follows.rule}` : "by hand",
    servers.join(", "),
  ]);
  print(options, { groups }, rows.length === 0 ? "There are no groups." : formatTable(rows));
}

async function readAll(): Promise<readonly Group[]> {
  const deps = await connect();
  const groups: Group[] = [];
  let after: string | null = null;
  do {
    const page: PageOf<Group> = await readGroupPage(deps, null, after);
    groups.push(...page.items);
    after = page.next;
  } while (after !== null);
  return groups;
}

type AddOptions = OutputOptions & { readonly provider?: string; readonly rule?: string };

/** `group add NAME` */
export async function addGroupCommand(name: string, { provider, rule, ...options }: AddOptions): Promise<void> {
  if ((provider === undefined) !== (rule === undefined)) throw new Error("Use --provider and --rule together.");
  const follows = provider === undefined || rule === undefined ? null : { provider, rule };
  print(options, orFail(await addGroup(await connect(), { name, follows })), "Added.");
}

/** `group delete NAME` */
export async function deleteGroupCommand(name: string, options: OutputOptions): Promise<void> {
  const { deps, group } = await find(name);
  print(
    options,
    orFail(await removeGroup(deps, group.id)),
    "Deleted, together with access that its people had only through it.",
  );
}

/** `group join NAME EMAIL` and `group leave NAME EMAIL` */
export const groupMemberCommand =
  (what: "join" | "leave") =>
  async (name: string, email: string, options: OutputOptions): Promise<void> => {
    const { deps, group } = await find(name);
    const outcome = orFail(await (what === "join" ? addToGroup : removeFromGroup)(deps, group.id, email));
    print(
      options,
      outcome,
      what === "join"
        ? "Added to the group."
        : "Removed from the group, together with access that they had only through it.",
    );
  };

async function find(name: string) {
  const deps = await connect();
  const group = await readGroup(deps, name);
  if (!group) throw new Error("There is no such group.");
  return { deps, group };
}
