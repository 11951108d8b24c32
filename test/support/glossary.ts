/**
 * The words of the pages. People read these, and never the words that they replace: OAuth's terms, and phrases that
 * only a translation would have.
 */
const GLOSSARY: readonly { readonly say: string; readonly not: RegExp }[] = [
  { say: "app", not: /\bclients?\b/i },
  { say: "server", not: /(?<!mcp:)\bresources?\b(?! server)/i },
  { say: "connection", not: /\b(token )?famil(y|ies)\b/i },
  { say: "permission or access", not: /\bgrants?\b(?! types)/i },
  { say: "scope (for owners)", not: /\bscope tokens?\b/i },
  { say: "this service", not: /\bauthorization server\b/i },
  { say: "registration token", not: /\binitial access tokens?\b/i },
  { say: "end access", not: /\bfamily_revoked\b|\brevocation\b/i },
  { say: "Continue", not: /\bGo on\b/ },
  { say: "View / Act and make changes", not: /\bIt may\b/ },
  { say: "Pending links", not: /\bLinks that wait\b/ },
  { say: "Cancel link, no longer works", not: /\bvoid\b/i },
  { say: "Part of the email address", not: /\bA part of the\b/ },
  { say: "Refused", not: /\bworth knowing\b/ },
  { say: "allowed 5 hours ago", not: /\bSince \d+ \w+ ago\b/ },
  { say: "You", not: /\bThis is you\b/ },
  { say: "no longer", not: /\bnot any more\b|\bany more\b/ },
  { say: "sign in again", not: /\bonce more\b/ },
  { say: "wrong email address or password", not: /\bgo together\b/ },
  { say: "continues", not: /\bgoes on\b/ },
  { say: "you took permissions away, you renamed it", not: /\b(renamed|narrowed|widened|undone) by you\b/ },
  { say: "needs approval", not: /\bis asked about\b/ },
  { say: "never used", not: /\band never has\b/ },
  { say: "someone, somebody", not: /\bwho is (changed|reset)\b/ },
  { say: "code set as code, without backticks", not: /`/ },
];

/** The words of a text that should be others. */
export const findOddWords = (text: string): string[] =>
  GLOSSARY.flatMap(({ say, not }) => {
    const found = not.exec(text);
    return found ? [`"${text.slice(Math.max(0, found.index - 30), found.index + 40)}" should say: ${say}`] : [];
  });
