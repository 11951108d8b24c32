import { vi } from "vitest";
import type { ResourceServerOptions } from "../../src/resource-server/options.ts";
import { resourceServer } from "../../src/resource-server/resource-server.ts";
import type { Gatehouse } from "./gatehouse.ts";
import { bearer } from "./protected-server.ts";

/** Calls servers that a Gatehouse protects, and counts the database queries that this takes. */
export function countLookUps({ services: { neon } }: Gatehouse, options: ResourceServerOptions) {
  return {
    /** A server with these options, as a function that calls it with a token and returns the status. */
    withOptions: (changes: Partial<ResourceServerOptions>) => {
      const server = resourceServer({ ...options, ...changes });
      return async (token: string) => {
        const answer = await server.authenticate(new Request(options.resource, { headers: bearer(token) }));
        return answer instanceof Response ? answer.status : 200;
      };
    },
    lookUps: async (work: () => Promise<unknown>): Promise<number> => {
      neon.reset();
      await work();
      return neon.requests();
    },
  };
}

/** Moves this process's clock, and with it the middleware's. */
export const moveClock = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
