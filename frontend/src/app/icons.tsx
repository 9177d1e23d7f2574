import type { ReactNode } from "react";

const TABS = {
  feedback: (
    <path d="M4 5h16v11H9l-5 4z M12 7.5l1 2 2.2.3-1.6 1.6.4 2.2-2-1-2 1 .4-2.2-1.6-1.6 2.2-.3z" />
  ),
  dashboard: <path d="M4 20V4m0 16h16M8 16v-4m4 4V8m4 8v-6" />,
  tasks: <path d="M4 6l1.5 1.5L8 5m3 1.5h9M4 12l1.5 1.5L8 11m3 1.5h9M4 18l1.5 1.5L8 17m3 1.5h9" />,
  contact: <path d="M3 6h18v12H3zm0 1l9 6 9-6" />,
};

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function TabIcon({ name }: { name: keyof typeof TABS }) {
  return <Icon>{TABS[name]}</Icon>;
}

export function Sun() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4m11.2 11.2L19 19M5 19l1.4-1.4M17.6 6.4L19 5" />
    </Icon>
  );
}

export function Moon() {
  return (
    <Icon>
      <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />
    </Icon>
  );
}

/** The brand's mark; public/favicon.svg and index.html have the same. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" className="mark">
      <path d="M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-8 6v-6a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z" />
      <path
        className="mark-star"
        d="M16 6.8l2.2 4.5 5 .7-3.6 3.5.8 5-4.4-2.4-4.4 2.4.8-5L8.8 12l5-.7z"
      />
    </svg>
  );
}
