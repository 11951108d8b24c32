import { findUrlProblem } from "../lib/public-url.ts";
import type { ProviderDescription } from "./provider.ts";

/**
 * What is wrong with the address of a provider's endpoint, or null. Only a provider on this machine may go without TLS.
 */
export function findEndpointProblem(text: string, ownHost: string): string | null {
  if (URL.canParse(text)) {
    const { protocol, hostname } = new URL(text);
    if (protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname)) return null;
  }
  return findUrlProblem(text, ownHost);
}

/** The addresses of a provider that the server calls or sends people to. */
export const endpointsOf = (description: ProviderDescription): string[] =>
  [
    description.authorizationEndpoint,
    description.tokenEndpoint,
    description.jwksUri,
    description.userEndpoint,
    description.emailsEndpoint,
    description.revocationEndpoint?.replace("{client_id}", "x") ?? null,
  ].filter((endpoint) => endpoint !== null);
