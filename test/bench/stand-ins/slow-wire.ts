import { connect, createServer, type Socket } from "node:net";

export type SlowWire = {
  readonly port: number;
  /** Round trips since `reset`. */
  readonly requests: () => number;
  setLatency(milliseconds: number): void;
  reset(): void;
  readonly stop: () => Promise<void>;
};

/**
 * The way to a Postgres that is some milliseconds off, for servers that speak its own protocol. Whatever the driver, a round
 * trip is what the client sends until it waits: up to a Sync or a simple Query (Postgres documentation, "Message Flow").
 */
export async function startSlowWire(port: number, postgresPort: number): Promise<SlowWire> {
  let requests = 0;
  let latency = 0;
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const postgres = connect({ port: postgresPort, host: "127.0.0.1", noDelay: true });
    const count = countRoundTrips(() => requests++);
    client.on("data", (chunk) => {
      count(chunk);
      postgres.write(chunk);
    });
    // Timers of one length fire in the order in which they were set, so chunks stay in theirs.
    postgres.on("data", (chunk) =>
      latency > 0 ? setTimeout(() => client.write(chunk), latency) : client.write(chunk),
    );
    for (const [one, other] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    port,
    requests: () => requests,
    setLatency: (milliseconds) => {
      latency = milliseconds;
    },
    reset: () => {
      requests = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** Reads the client's messages: the first has no type, every other a letter, then its length. */
function countRoundTrips(counted: () => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  /** Where the message at the front ends; null while it isn't there whole. */
  const findEnd = () => {
    const lengthAt = isFirst ? 0 : 1;
    if (rest.length < lengthAt + 4) return null;
    const end = lengthAt + rest.readUInt32BE(lengthAt);
    return rest.length < end ? null : end;
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = findEnd(); end !== null; end = findEnd()) {
      if (!isFirst && (rest[0] === SYNC || rest[0] === QUERY)) counted();
      isFirst = false;
      rest = rest.subarray(end);
    }
  };
}

/** What the messages that wait for an answer begin with. */
const SYNC = 0x53;
const QUERY = 0x51;
