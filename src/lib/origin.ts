/** As browsers send it: an app's own scheme has no origin to `URL`, so what is written is compared as it stands. */
export const isOrigin = (text: string): boolean =>
  URL.canParse(text) &&
  (/^https?:/.test(text)
    ? new URL(text).origin === text
    : /^(?!wss?:|ftp:|file:)[a-z][a-z\d+.-]*:\/\/[\w.~-]+(:\d+)?$/.test(text));
