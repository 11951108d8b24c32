/**
 * The origin as browsers send it. `URL` gives no origin for an app's own scheme, so the text is compared as written.
 */
export const isOrigin = (text: string): boolean =>
  URL.canParse(text) &&
  (/^https?:/.test(text)
    ? new URL(text).origin === text
    : /^(?!wss?:|ftp:|file:)[a-z][a-z\d+.-]*:\/\/[\w.~-]+(:\d+)?$/.test(text));
