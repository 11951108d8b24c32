import { PASSWORD_COST } from "../../src/lib/password.ts";

/**
 * Makes a hash cheap in the process or Worker that imports this, since at its real cost it takes longer than most tests.
 * What it really costs is held by `rules/password.test.ts`.
 */
Object.assign(PASSWORD_COST, { logN: 4, p: 1 });
