import { Icon } from "./icon.tsx";

type Props = {
  value: string;
  /** What it is, for who hears the page ("Copy the server's URL"). */
  label: string;
};

/** Something to paste elsewhere, with a button that copies it; see assets/page.js. Without script it is selected by a click. */
export const Copyable = ({ value, label }: Props) => (
  <div class="copyable" data-copy>
    {value.includes("\n") ? (
      <pre>
        <code>{value}</code>
      </pre>
    ) : (
      <code>{value}</code>
    )}
    <button type="button" class="small" aria-label={`Copy ${label}`} hidden>
      <Icon name="copy" />
      <span>Copy</span>
    </button>
  </div>
);
