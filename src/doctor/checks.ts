import type { Check } from "./check.ts";
import { ACCOUNT_CODE_CHECKS } from "./checks/account-codes.ts";
import { ACCOUNT_TOKEN_CHECKS } from "./checks/account-tokens.ts";
import { AUTHORIZE_CHECKS } from "./checks/authorize.ts";
import { CHALLENGE_CHECKS } from "./checks/challenge.ts";
import { REGISTRATION_CHECKS } from "./checks/registration.ts";
import { RESOURCE_METADATA_CHECKS } from "./checks/resource-metadata.ts";
import { SERVER_METADATA_CHECKS } from "./checks/server-metadata.ts";
import { TOKEN_CHECKS } from "./checks/token.ts";
import { TRANSPORT_CHECKS } from "./checks/transport.ts";

/** All checks, in the order in which clients meet what they check. */
export const CHECKS: readonly Check[] = [
  ...CHALLENGE_CHECKS,
  ...RESOURCE_METADATA_CHECKS,
  ...SERVER_METADATA_CHECKS,
  ...REGISTRATION_CHECKS,
  ...AUTHORIZE_CHECKS,
  ...TOKEN_CHECKS,
  ...TRANSPORT_CHECKS,
  ...ACCOUNT_CODE_CHECKS,
  ...ACCOUNT_TOKEN_CHECKS,
];
