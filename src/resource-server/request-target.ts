/** Path and query of a request. Its host is whatever the client named, and may be none that a URL can have. */
export function requestTarget({ url }: Request): URL {
  const target = url.replace(/^\w+:\/\/[^/?#]*/, "");
  return new URL(`http://localhost${target.startsWith("/") ? "" : "/"}${target}`);
}
