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
 * A connection to a Postgres that is some milliseconds away, for servers that speak its own protocol. For any driver, a
 * round trip is what the client sends until it waits: up to a Sync or a simple Query (Postgres documentation, "Message
 * Flow").
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
    // Timers of one length fire in the order in which they were set, so chunks keep their order.
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

/** Reads the client's messages. The first has no type. Every other begins with a letter and its length. */
function countRoundTrips(counted: () => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  /** The end of the first message. Null until it is complete. */
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

/** The first bytes of messages that wait for an answer. */
const SYNC = 0x53;
const QUERY = 0x51;
