import { canSignAssertion } from "./client-assertion.ts";
import { findEndpointProblem } from "./provider-endpoint.ts";

/** Issuers of programs that many know, each with its address where there is one for all. */
export const ISSUER_PRESETS: Readonly<Record<string, { readonly label: string; readonly issuer: string | null }>> = {
  "github-actions": { label: "Programs of GitHub Actions", issuer: "https://token.actions.githubusercontent.com" },
  gitlab: { label: "Programs of gitlab.com", issuer: "https://gitlab.com" },
  kubernetes: { label: "Programs in a Kubernetes cluster", issuer: null },
  other: { label: "Programs of another issuer", issuer: null },
};

/** Issuers that sign for everybody in the world. What they sign says little, until a rule says whose it has to be. */
const SHARED = [
  "https://accounts.google.com",
  "https://appleid.apple.com",
  "https://gitlab.com",
  "https://login.microsoftonline.com/common/v2.0",
  "https://login.microsoftonline.com/consumers/v2.0",
  "https://login.microsoftonline.com/organizations/v2.0",
  "https://token.actions.githubusercontent.com",
];

/** Whether an issuer signs for anybody who asks. */
export const isSharedIssuer = (issuer: string): boolean => SHARED.includes(issuer.replace(/\/$/, ""));

/**
 * Who becomes a member by an issuer's assertion: `everybody` that it vouches for, or people with a verified address of
 * a domain.
 */
const JOINING = /^(?:everybody|domain:[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/;

/** What the owner says of an issuer, as far as it can be wrong. */
export type IssuerChoices = {
  readonly name: string;
  readonly issuer: string;
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null;
  readonly vouches: boolean;
  readonly tenant: string | null;
  readonly linksAddresses: boolean;
  readonly joining: readonly string[];
  readonly refreshes: boolean;
};

type IssuerProblem = { readonly problem: string; readonly field?: "name" | "issuer" | "joining" | "tenant" };

/** What is wrong with what the owner says of an issuer, in a sentence, with the choice that is wrong. Or null. */
export function findIssuerProblem(choices: IssuerChoices): IssuerProblem | null {
  const { name, issuer, jwks, vouches, tenant, joining, linksAddresses, refreshes } = choices;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    return {
      problem: "The name of an issuer consists of lower-case letters, digits and hyphens, like acme.",
      field: "name",
    };
  const problem = jwks === null ? findEndpointProblem(issuer, "") : isUrl(issuer) ? null : "is not an absolute URL";
  if (problem) return { problem: `The issuer ${problem}.`, field: "issuer" };
  if (jwks && !jwks.keys.every(isPublicKey))
    return { problem: "Every key of the issuer has to be a public key for signatures." };
  const rule = joining.find((each) => !JOINING.test(each));
  if (rule !== undefined)
    return { problem: `${rule} is no rule. Use everybody or domain:example.com.`, field: "joining" };
  if (tenant !== null && !/^[\x21-\x7e]{1,200}$/.test(tenant))
    return {
      problem: "Write the tenant as its claim has it, in up to 200 characters without spaces.",
      field: "tenant",
    };
  if (!vouches && (joining.length > 0 || linksAddresses || refreshes || tenant !== null)) {
    return { problem: "Settings about people have no use for an issuer that signs for programs alone." };
  }
  if (vouches && tenant === null && isSharedIssuer(issuer)) {
    return {
      problem: `${issuer} signs for everybody in the world, so it can't vouch for your people. Name a tenant, or use it for programs alone.`,
      field: "tenant",
    };
  }
  return null;
}

const isUrl = (text: string): boolean => text.length <= 500 && URL.canParse(text) && /^https?:/.test(text);

const isPublicKey = (key: Readonly<Record<string, unknown>>): boolean =>
  !("d" in key) && !("k" in key) && (canSignAssertion(key) || key["kty"] === "EC" || key["kty"] === "RSA");

/** Where an issuer says of itself where its keys are (OpenID Connect Discovery §4, RFC 8414 §3.1), in the order in which it is asked. */
export function discoveryUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}
