import type { Child } from "./child.ts";
import { type Contestant, type Grant, send, type Tokens } from "./contestants/contestant.ts";
import { obtainTokens } from "./operations.ts";
import type { StandIns } from "./stand-ins/process.ts";

const AT_ONCE = 3;
/** Milliseconds added to each hop, since another request can only interfere between two hops. */
const LATENCY = 20;

export type RaceResults = {
  /** How many of three simultaneous redemptions of one code were answered with tokens, at most. */
  readonly redemptions: string;
  /** The same for three simultaneous refreshes with one token. */
  readonly refreshes: string;
  /** What happens to a client that never saw the answer to its refresh and asks again. */
  readonly lostAnswer: string;
};

/** What a server lets through when its clients, or thieves, act at the same time. */
export async function race(standIns: Child<StandIns>, contestant: Contestant, rounds: number): Promise<RaceResults> {
  // A replay may end everything that a person gave a client, so each round has a connection of its own.
  const onFresh = async (attempt: (tokens: Tokens) => Promise<string>) => {
    await standIns.ask("begin", 0);
    const [tokens] = await obtainTokens(contestant, 1);
    await standIns.ask("begin", LATENCY);
    return attempt(tokens as Tokens);
  };
  const outcomes: { [Race in keyof RaceResults]: string[] } = { redemptions: [], refreshes: [], lostAnswer: [] };
  for (let round = 0; round < rounds; round++) {
    const [grant] = await contestant.grant(1);
    await standIns.ask("begin", LATENCY);
    outcomes.redemptions.push(await redeemAtOnce(contestant, grant as Grant));
    outcomes.refreshes.push(await onFresh((tokens) => refreshAtOnce(contestant, tokens)));
    outcomes.lostAnswer.push(await onFresh((tokens) => refreshAgain(contestant, tokens)));
  }
  await standIns.ask("begin", 0);
  const { redemptions, refreshes, lostAnswer } = outcomes;
  return { redemptions: most(redemptions), refreshes: most(refreshes), lostAnswer: most(lostAnswer) };
}

/** The outcomes, the most frequent first, with their shares where there are several. */
function most(outcomes: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(outcomes, (outcome) => outcome))
    .map(([outcome, same]) => ({ outcome, count: same?.length ?? 0 }))
    .sort((a, b) => b.count - a.count);
  if (counts.length === 1) return counts[0]?.outcome ?? "";
  return counts.map(({ outcome, count }) => `${outcome} (${count} of ${outcomes.length})`).join("; ");
}

/** Sends all requests at once. Returns the tokens of those that were successful. */
async function ask({ origin }: Contestant, calls: readonly Parameters<typeof send>[1][]): Promise<Tokens[]> {
  const answers = await Promise.all(calls.map((call) => send(origin, call)));
  return answers.filter(({ status }) => status === 200).map(({ text }) => JSON.parse(text) as Tokens);
}

const times = <T>(call: T): T[] => Array.from({ length: AT_ONCE }, () => call);

async function isAlive({ origin, calls }: Contestant, { access_token }: Tokens): Promise<boolean> {
  const { status, text } = await send(origin, calls.verify(access_token));
  return status === 200 && (JSON.parse(text) as { active?: boolean }).active !== false;
}

async function redeemAtOnce(contestant: Contestant, grant: Grant): Promise<string> {
  const won = await ask(contestant, times(contestant.calls.exchange(grant)));
  const alive = (await Promise.all(won.map((tokens) => isAlive(contestant, tokens)))).filter(Boolean);
  return `${won.length} let through, tokens of ${alive.length} good`;
}

async function refreshAtOnce(contestant: Contestant, { refresh_token }: Tokens): Promise<string> {
  const won = await ask(contestant, times(contestant.calls.refresh(refresh_token)));
  const pairs = new Map(won.map((tokens) => [tokens.refresh_token, tokens]));
  const alive = (await Promise.all([...pairs.values()].map((tokens) => isAlive(contestant, tokens)))).filter(Boolean);
  return `${won.length} answered, ${pairs.size} pair${pairs.size === 1 ? "" : "s"}, ${alive.length} good`;
}

async function refreshAgain(contestant: Contestant, { refresh_token }: Tokens): Promise<string> {
  const [first] = await ask(contestant, [contestant.calls.refresh(refresh_token)]);
  const [second] = await ask(contestant, [contestant.calls.refresh(refresh_token)]);
  if (!first) return "the first was refused";
  if (second) return second.refresh_token === first.refresh_token ? "the same pair again" : "another pair";
  return (await isAlive(contestant, first))
    ? "refused; the connection lives on without its client"
    : "refused, and the connection is over";
}
