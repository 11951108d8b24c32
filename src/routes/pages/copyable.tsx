import { Icon } from "./icon.tsx";

type Props = {
  value: string;
  /** The button's label for screen readers ("Copy the server's URL"). */
  label: string;
};

/**
 * Something to paste elsewhere, with a button that copies it, see assets/page.js. Without script, a click selects it.
 */
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
