/** A sentence in which what stands between backticks is a command or a name in code. */
export const CodedText = ({ children }: { children: string }) => (
  <>{children.split("`").map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>
);
