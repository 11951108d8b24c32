import { hashPassword } from "../../lib/password.ts";
import { findPasswordProblem } from "../../lib/password-policy.ts";
import * as z from "../../lib/schema.ts";
import { insertUser, type UserRole } from "../../store/users.ts";
import type { AdminDeps } from "./admin-deps.ts";

type NewUser = { readonly email: string; readonly password: string; readonly role: UserRole };

/**
 * Adds a person with a password. Returns a sentence about the problem if the address or the password isn't acceptable.
 */
export async function createUser(
  deps: AdminDeps,
  { email, password, role }: NewUser,
): Promise<{ id: string; email: string } | { problem: string }> {
  const address = z.email().check(z.maxLength(320)).safeParse(email.trim().toLowerCase());
  if (!address.success) return { problem: "Enter a valid email address." };
  const problem = findPasswordProblem(password);
  if (problem) return { problem };
  const user = { email: address.data, role, passwordHash: await hashPassword(password) };
  const inserted = await insertUser(deps.db, user, deps.actor);
  return inserted
    ? { id: inserted.id, email: user.email }
    : { problem: "An account with this address already exists." };
}
