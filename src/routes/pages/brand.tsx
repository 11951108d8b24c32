import type { PageShell } from "./layout.tsx";

/** The deployment's logo and name. */
export const Brand = ({ shell }: { shell: PageShell }) => (
  <p class="brand">
    {shell.hasLogo ? <img src={`${shell.issuer}/logo`} alt="" /> : <Gatehouse />}
    <span>{shell.deployment}</span>
  </p>
);

const Gatehouse = () => (
  <svg viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="var(--accent)" />
    <path d="M6 25V8h4v3h4V8h4v3h4V8h4v17h-6v-5a4 4 0 0 0-8 0v5Z" fill="var(--on-accent)" />
  </svg>
);
