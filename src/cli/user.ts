import { text } from "node:stream/consumers";
import askPassword from "@inquirer/password";
import { createUser } from "../flows/admin/create-user.ts";
import { readUsers } from "../flows/admin/lists.ts";
import { exportPerson, setRole } from "../flows/admin/person.ts";
import { setUserStatus, type UserAction } from "../flows/admin/status.ts";
import { confirm } from "./confirm.ts";
import { connect } from "./database-connection.ts";
import { formatLive, formatPage, type OutputOptions, orFail, type PageOptions, print } from "./output.ts";

type CreateOptions = OutputOptions & { readonly owner?: boolean; readonly passwordStdin?: boolean };

/** `user create EMAIL` */
export async function createUserCommand(email: string, options: CreateOptions): Promise<void> {
  const deps = await connect();
  const password = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, "") : await promptPassword();
  const user = orFail(await createUser(deps, { email, password, role: options.owner ? "owner" : "member" }));
  print(options, user, `${user.email} can sign in now.`);
}

async function promptPassword(): Promise<string> {
  if (!process.stdin.isTTY) throw new Error("There is no terminal to prompt for a password. Use --password-stdin.");
  const password = await askPassword({ message: "Password", mask: true });
  if ((await askPassword({ message: "Again", mask: true })) !== password)
    throw new Error("The passwords didn't match.");
  return password;
}

/** `user list` */
export const listUsersCommand = (options: PageOptions): Promise<void> => printUsers(options, null);

/** `owner list` */
export const listOwnersCommand = (options: PageOptions): Promise<void> => printUsers(options, "owner");

async function printUsers({ search, after, ...options }: PageOptions, state: "owner" | null): Promise<void> {
  const { items: users, next } = await readUsers(await connect(), search ?? null, after ?? null, { state });
  const rows = users.map((user) => [
    user.email,
    user.role,
    user.disabled ? "disabled" : "",
    `${user.passkeys} passkeys${user.hasPassword ? ", a password" : ""}`,
    formatLive(user.liveFamilies),
  ]);
  print(options, { users, next }, formatPage(rows, next, state ? "There are no owners." : "There are no people."));
}

const DONE: Readonly<Record<UserAction, string>> = {
  delete: "Deleted, with everything that they granted.",
  disable: "Disabled. Everything that they granted is revoked.",
  enable: "Enabled. What was revoked stays revoked.",
};

/** `user role EMAIL ROLE` */
export async function setRoleCommand(email: string, role: string, options: OutputOptions): Promise<void> {
  if (role !== "owner" && role !== "member") throw new Error("The role must be owner or member.");
  print(
    options,
    orFail(await setRole(await connect(), email, role)),
    `They are now ${role === "owner" ? "an owner" : "a member"}.`,
  );
}

/** `user export EMAIL` */
export async function exportUserCommand(email: string, options: OutputOptions): Promise<void> {
  const data = orFail(await exportPerson(await connect(), email));
  print(options, data, JSON.stringify(data, null, 2));
}

/** `user disable|enable EMAIL` */
export const userStatusCommand =
  (change: Exclude<UserAction, "delete">) =>
  async (email: string, options: OutputOptions): Promise<void> => {
    const outcome = orFail(await setUserStatus(await connect(), email, change));
    print(options, outcome, DONE[change]);
  };

/** `user delete EMAIL` */
export async function deleteUserCommand(
  email: string,
  { yes, ...options }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  const deps = await connect();
  const { account, connections, linkedAccounts, identities, passkeys } = orFail(
    await exportPerson(deps, email),
  ) as PersonData;
  const liveConnections = connections.filter(
    ({ revokedAt, expiresAt }) => revokedAt === null && new Date(expiresAt) > deps.now(),
  );
  const parts = [
    `${connections.length} connections (${liveConnections.length} live)`,
    `${linkedAccounts.length} linked accounts`,
    `${identities.length} identities at providers`,
    `${passkeys.length} passkeys`,
  ];
  await confirm(
    `This deletes ${account.email} with ${parts.join(", ")} and all sign-ins. The audit log keeps what happened, under the ID ${account.id} only.`,
    yes,
  );
  print(options, orFail(await setUserStatus(deps, email, "delete")), DONE.delete);
}

/** The part of an export that a deletion shows beforehand. */
type PersonData = {
  readonly account: { readonly id: string; readonly email: string };
  readonly connections: readonly { readonly revokedAt: string | null; readonly expiresAt: string }[];
} & Readonly<Record<"linkedAccounts" | "identities" | "passkeys", readonly unknown[]>>;
