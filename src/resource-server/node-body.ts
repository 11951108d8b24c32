/** The parts of Node's requests that are used, for HTTP/1.1 and HTTP/2. */
export type BodyRequest = {
  readonly httpVersionMajor: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether all of it has arrived. */
  readonly complete: boolean;
  readonly readableLength: number;
  push(chunk: unknown, encoding?: never): boolean;
  read(size?: number): unknown;
};

/**
 * Whether HTTP itself limits the body to a declared length. In HTTP/1.1 there is no body unless one is declared (RFC
 * 9112 §6.3).
 */
export const saysItsLength = ({ httpVersionMajor, headers }: BodyRequest): boolean =>
  httpVersionMajor === 1 ? headers["transfer-encoding"] === undefined : headers["content-length"] !== undefined;

/**
 * Holds a body back until all of it has arrived, and then passes it on to the reader of the request. One that is too
 * large is dropped, and nobody gets a part of it. Listening for `data` would take the body from the reader, so this
 * counts what Node pushes into the request.
 */
export function collectBody(request: BodyRequest, maxBytes: number, done: (fits: boolean) => void): void {
  const push = request.push;
  let length = request.readableLength;
  if (request.complete || length > maxBytes) {
    done(length <= maxBytes);
    return;
  }
  let held: { readonly byteLength: number }[] = [];
  let refused = false;
  request.push = (chunk: { readonly byteLength: number } | null): boolean => {
    if (chunk !== null) {
      length += chunk.byteLength;
      if (length <= maxBytes) held.push(chunk);
      else if (!refused) {
        refused = true;
        held = [];
        done(false);
      }
      return true;
    }
    request.push = push;
    for (const each of held) request.push(each);
    const more = request.push(null);
    if (!refused) done(true);
    return more;
  };
  // Streams of HTTP/2 don't flow until somebody reads.
  request.read(0);
}
