import type { Contestant, Grant, Tokens } from "./contestants/contestant.ts";
import { fire, type Work } from "./load.ts";

export const OPERATIONS = ["exchange", "refresh", "verify", "machine", "register", "revoke"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Redeems this many codes. Returns the tokens. */
export async function obtainTokens(contestant: Contestant, count: number): Promise<Tokens[]> {
  const tokens: Tokens[] = [];
  const grants = [...(await contestant.grant(count))];
  await fire(
    { origin: contestant.origin, connections: Math.min(4, count), amount: count },
    {
      next: () => contestant.calls.exchange(grants.pop() as Grant),
      answered: (body) => tokens.push(JSON.parse(body) as Tokens),
    },
  );
  return tokens;
}

/** Prepares everything that so many requests of an operation need. Null if a contestant has no such operation. */
export async function prepare(contestant: Contestant, operation: Operation, amount: number): Promise<Work | null> {
  const { calls } = contestant;
  switch (operation) {
    case "exchange": {
      const grants = [...(await contestant.grant(amount))];
      return { next: () => calls.exchange(grants.pop() as Grant) };
    }
    case "refresh": {
      // As many chains as there may be connections. Each request takes a chain one token further.
      const tokens = (await obtainTokens(contestant, 24)).map(({ refresh_token }) => refresh_token);
      return {
        next: () => calls.refresh(tokens.shift() as string),
        answered: (body) => tokens.push((JSON.parse(body) as Tokens).refresh_token),
      };
    }
    case "verify": {
      const tokens = (await obtainTokens(contestant, 24)).map(({ access_token }) => access_token);
      let turn = 0;
      return { next: () => calls.verify(tokens[turn++ % tokens.length] as string) };
    }
    case "revoke": {
      if (!calls.revoke) return null;
      const tokens = await obtainTokens(contestant, amount);
      return { next: () => calls.revoke?.(tokens.pop()?.refresh_token ?? "") as ReturnType<Work["next"]> };
    }
    case "machine":
    case "register": {
      const call = calls[operation];
      return call ? { next: call } : null;
    }
  }
}
