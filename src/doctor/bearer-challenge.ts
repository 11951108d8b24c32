/** The parameters of a Bearer challenge (RFC 9110 §11.6.1, RFC 6750 §3), or null if there is none. */
export function readBearerChallenge(header: string | null): Readonly<Record<string, string>> | null {
  const challenge = /(?:^|,\s*)Bearer(?=\s|,|$)/i.exec(header ?? "");
  if (!header || !challenge) return null;
  const params: Record<string, string> = {};
  let rest = header.slice(challenge.index + challenge[0].length);
  for (;;) {
    // A name without `=` is the scheme of the next challenge.
    const param = /^[\s,]*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/.exec(rest);
    if (!param) return params;
    const [whole, name = "", quoted, token = ""] = param;
    params[name.toLowerCase()] = quoted === undefined ? token : quoted.replace(/\\(.)/g, "$1");
    rest = rest.slice(whole.length);
  }
}
