import { type AdminDeps, createOperatorDeps } from "../flows/admin/admin-deps.ts";
import { findConfirmedIssuer } from "../store/confirmed-issuer.ts";
import { createDatabase } from "../store/database.ts";
import { findDatabaseUrlProblem } from "./database-diagnosis.ts";
import { findRunning } from "./running-dev.ts";

/** The database that DATABASE_URL names, or else that of a running `npm run dev`. */
export async function findDatabaseUrl(): Promise<string> {
  const url = process.env["DATABASE_URL"] ?? (await findRunning())?.databaseUrl;
  if (!url) throw new Error("Start `npm run dev` first, or name a deployment with --env or DATABASE_URL.");
  const problem = findDatabaseUrlProblem(url);
  if (problem) throw new Error(problem);
  return url;
}

/**
 * What the owner's flows need. Without SERVER_KEY, only the database can tell the credentials that are made from a
 * guess.
 */
export async function connect(): Promise<AdminDeps> {
  const databaseUrl = await findDatabaseUrl();
  const running = process.env["DATABASE_URL"] ? null : await findRunning();
  const { SERVER_KEY, VAULT_KEY, VAULT_KEY_PREVIOUS } = process.env;
  const vaultKeys = running ? [running.vaultKey] : [VAULT_KEY, VAULT_KEY_PREVIOUS];
  return createOperatorDeps(
    databaseUrl,
    running?.serverKey || SERVER_KEY || null,
    vaultKeys.filter((key) => key !== undefined).filter((key) => key !== ""),
  );
}

/** The server that links lead to: the named one, ISSUER, or a running `npm run dev`. */
export async function issuerOfDeployment(named: string | undefined): Promise<string> {
  const running = process.env["DATABASE_URL"] ? null : await findRunning();
  const issuer = named ?? running?.issuer ?? process.env["ISSUER"] ?? (await findConfirmed());
  if (!issuer) throw new Error("Name the deployment with --issuer https://…, or set ISSUER.");
  if (!isIssuer(issuer)) throw new Error("An issuer is the https URL of a deployment. http is only for this machine.");
  return issuer.replace(/\/$/, "");
}

/** What the first owner confirmed, if no variable of the deployment names it. */
const findConfirmed = async (): Promise<string | null> =>
  findConfirmedIssuer(createDatabase(await findDatabaseUrl())).catch(() => null);

function isIssuer(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname));
}
