import type { WalkingClient } from "../doctor/evidence.ts";
import { REDIRECT_URI } from "../doctor/walk-registration.ts";

export type ClientOptions = { readonly clientId?: string; readonly redirectUri?: string };

/** The client of `--client-id`. Its secret isn't an argument, since those are in the list of processes. */
export function readGivenClient(
  { clientId, redirectUri }: ClientOptions,
  { DOCTOR_CLIENT_SECRET: secret }: Readonly<Record<string, string | undefined>>,
): WalkingClient | null {
  if (clientId === undefined) {
    if (redirectUri !== undefined) throw new Error("--redirect-uri needs --client-id.");
    return null;
  }
  // The walk also tries another port and a suffix, and listens there itself, so a public address won't do.
  if (redirectUri !== undefined && !/^http:\/\/127\.0\.0\.1:[1-9]\d{0,4}\/[^?#\s]*$/.test(redirectUri))
    throw new Error("--redirect-uri has to be like http://127.0.0.1:PORT/callback.");
  return { clientId, redirectUri: redirectUri ?? REDIRECT_URI, ...(secret ? { secret } : {}) };
}
