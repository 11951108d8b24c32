/** Path and query of a request. The client chose its host, which may not even be valid in a URL. */
export function requestTarget({ url }: Request): URL {
  const target = url.replace(/^\w+:\/\/[^/?#]*/, "");
  return new URL(`http://localhost${target.startsWith("/") ? "" : "/"}${target}`);
}
