import { UPSTREAM_LIMITS } from "../../src/flows/provider/upstream.ts";
import { PASSWORD_COST } from "../../src/lib/password.ts";

/**
 * Lowers two costs in the process or Worker that imports this, since each takes longer than most tests: hashing a
 * password, and waiting for a provider that doesn't answer. `rules/password.test.ts` and
 * `rules/provider-patience.test.ts` hold what they really are.
 */
Object.assign(PASSWORD_COST, { logN: 4, p: 1 });
Object.assign(UPSTREAM_LIMITS, { timeoutMs: 2000 });
