import { findUrlProblem } from "../lib/public-url.ts";
import type { ProviderDescription } from "./provider.ts";

/** Whether an address is on this machine. Only a provider there may go without TLS. */
export function isLocal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
}

/** What is wrong with the address of a provider's endpoint that its owner gives, or null. */
export const findEndpointProblem = (text: string, ownHost: string): string | null =>
  isLocal(text) ? null : findUrlProblem(text, ownHost);

/**
 * What is wrong with an address that an issuer's discovery gives, or null. One elsewhere may not name this machine, which
 * would be asked what only its owner may ask.
 */
export const findDiscoveredProblem = (text: string, issuer: string, ownHost: string): string | null =>
  isLocal(issuer) ? findEndpointProblem(text, ownHost) : findUrlProblem(text, ownHost);

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
