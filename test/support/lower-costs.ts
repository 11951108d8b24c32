import { DOCUMENT_LIMITS } from "../../src/flows/client/document.ts";
import { UPSTREAM_LIMITS } from "../../src/flows/provider/upstream.ts";
import { PASSWORD_COST } from "../../src/lib/password.ts";

/**
 * Lowers costs in the process or Worker that imports this, since each takes longer than most tests: hashing a password,
 * and waiting for a provider or an app that doesn't answer. `rules/password.test.ts` and `rules/patience.test.ts` hold
 * what they really are.
 */
Object.assign(PASSWORD_COST, { logN: 4, p: 1 });
Object.assign(UPSTREAM_LIMITS, { timeoutMs: 2000 });
Object.assign(DOCUMENT_LIMITS, { timeoutMs: 1500 });
