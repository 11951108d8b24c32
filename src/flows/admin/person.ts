import { findPersonData } from "../../store/person-data.ts";
import { changeRole } from "../../store/user-role.ts";
import type { UserRole } from "../../store/users.ts";
import type { AdminDeps } from "./admin-deps.ts";

const canonical = (email: string) => email.trim().toLowerCase();

/** Everything that is stored about a person, without the secrets that prove who they are. */
export const exportPerson = async ({ db, actor }: AdminDeps, email: string): Promise<object> =>
  (await findPersonData(db, canonical(email), actor)) ?? { problem: "There is no such person." };

/** Makes somebody an owner or a member. */
export const setRole = async (
  { db, actor }: AdminDeps,
  email: string,
  role: UserRole,
): Promise<{ readonly done: true } | { readonly problem: string }> =>
  (await changeRole(db, canonical(email), role, actor))
    ? { done: true }
    : { problem: "There is no such person, or they are the last owner." };
